//! What the machine says of itself: free disk, and which file system a folder lies on.

use std::path::{Path, PathBuf};
use web::house::Disk;

/// The disk under a folder, or under the nearest one above that is there.
pub(super) fn under(folder: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(super::existing(folder).as_path()).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(Disk { free: bytes(found.f_bavail), all: bytes(found.f_blocks) })
}

/// The kind of file system that a folder lies on, as the kernel names it.
pub(super) fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    kind_of(&folder, &mounts)
}

/// Each line is `device place kind options 0 0`; the longest place that the folder is under decides, the last of equals.
fn kind_of(folder: &Path, mounts: &str) -> Option<String> {
    let places = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((unescape(fields.next()?), fields.next()?))
    });
    let under = places.filter(|(place, _)| folder.starts_with(place));
    under.max_by_key(|(place, _)| place.components().count()).map(|(_, kind)| kind.to_owned())
}

/// `\040` is a space.
fn unescape(place: &str) -> PathBuf {
    place.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\").into()
}

/// Whether files there are another machine's.
pub(super) fn is_network(kind: &str) -> bool {
    let kinds = [
        "nfs",
        "cifs",
        "smb",
        "afs",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
        "9p",
        "fuse.sshfs",
        "lustre",
        "ncpfs",
    ];
    kinds.iter().any(|known| kind == *known || (known.len() <= 4 && kind.starts_with(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "/dev/vda / ext4 rw 0 0\nhost:/export /srv/share nfs4 rw 0 0\n//nas/a /mnt/two\\040words cifs rw 0 0\ntmpfs /srv/share/fast tmpfs rw 0 0\n";

    #[test]
    fn the_nearest_mount_decides() {
        let kind = |folder: &str| kind_of(Path::new(folder), MOUNTS).unwrap();
        assert_eq!(kind("/srv/data"), "ext4");
        assert_eq!(kind("/srv/share/keepwell"), "nfs4");
        assert_eq!(kind("/srv/share/fast/a"), "tmpfs");
        assert_eq!(kind("/mnt/two words/a"), "cifs");
        assert_eq!(kind("/srv/shared"), "ext4");
    }

    #[test]
    fn file_systems_of_other_machines_are_known() {
        for kind in ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph"] {
            assert!(is_network(kind), "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuseblk"] {
            assert!(!is_network(kind), "{kind}");
        }
    }
}
