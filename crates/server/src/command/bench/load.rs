//! Loading: bundles over HTTP, some clients at once; and remembering what came to be, for the reads that follow.

use super::{
    Arguments,
    client::Client,
    figures::{Series, us},
    server::Server,
};
use crate::{
    bundles::{self, Kind},
    clock,
};
use anyhow::{Context, bail};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    time::Instant,
};

/// How many ids of one type are remembered.
const MOST_IDS: usize = 20_000;

/// What was loaded.
pub(super) struct Loaded {
    /// Bytes as they were posted.
    pub(super) posted_bytes: u64,
    /// Resources that were made.
    pub(super) resources: u64,
    /// Seconds.
    pub(super) seconds: f64,
    /// Times of the posts.
    pub(super) posts: Series,
    /// Ids by type.
    pub(super) ids: BTreeMap<String, Vec<String>>,
}

impl Loaded {
    /// Resources a second.
    pub(super) fn per_second(&self) -> f64 {
        self.resources as f64 / self.seconds
    }

    /// The ids of a type.
    pub(super) fn ids(&self, kind: &str) -> &[String] {
        self.ids.get(kind).map_or(&[], Vec::as_slice)
    }
}

/// What one client did.
#[derive(Default)]
struct Share {
    posted_bytes: u64,
    resources: u64,
    times_us: Vec<u32>,
    ids: BTreeMap<String, Vec<String>>,
}

/// Loads all bundles: the hospitals and practitioners one by one, then the patients with all clients.
///
/// # Errors
/// Where one is refused.
pub(super) fn load(server: &Server, arguments: &Arguments) -> anyhow::Result<Loaded> {
    let start = Instant::now();
    let (queue, waiting) = mpsc::sync_channel::<Vec<u8>>(2 * arguments.clients);
    let waiting = Mutex::new(waiting);
    let mut all = Share::default();
    let shares: Vec<anyhow::Result<Share>> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..arguments.clients).map(|_| scope.spawn(|| work(server.client()?, &waiting))).collect();
        let mut first = server.client()?;
        let read =
            each_bundle(arguments.source()?, arguments.bundles, &mut |is_first, bytes| match is_first {
                true => post(&mut first, &bytes, &mut all),
                false => queue.send(bytes).context("all clients failed"),
            });
        drop(queue);
        let shares = clients
            .into_iter()
            .map(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")))
            .collect();
        read.map(|()| shares)
    })?;
    let seconds = clock::since(start);
    for share in shares {
        let share = share?;
        all.posted_bytes += share.posted_bytes;
        all.resources += share.resources;
        all.times_us.extend(share.times_us);
        for (kind, ids) in share.ids {
            all.ids.entry(kind).or_default().extend(ids);
        }
    }
    let posts = Series::new("load a bundle", arguments.clients, all.times_us, seconds);
    Ok(Loaded { posted_bytes: all.posted_bytes, resources: all.resources, seconds, posts, ids: all.ids })
}

/// Reads the bundles in order; the visitor learns whether others refer to it.
///
/// # Errors
/// Where a file cannot be read, or the visitor stops.
pub(super) fn each_bundle(
    from: &Path,
    most: usize,
    visit: &mut dyn FnMut(bool, Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut left = most;
    let mut one = |name: &str, reader: &mut dyn std::io::Read| {
        if left == 0 {
            return Ok(());
        }
        let is_first = bundles::comes_early(name);
        left -= usize::from(!is_first);
        visit(is_first, bundles::read_whole(reader)?)
    };
    for input in bundles::find(&[from.to_owned()])? {
        let name = input.path.display().to_string();
        match input.kind {
            Kind::Tar => bundles::visit_tar(&input.path, &mut |inside, kind, reader| match kind {
                Kind::Json => one(inside, reader),
                _ => Ok(()),
            })?,
            Kind::Json => one(&name, &mut bundles::open(&input.path)?)?,
            Kind::Lines => bail!("the benchmark loads bundles, and {name} is none"),
        }
    }
    Ok(())
}

fn work(mut client: Client, waiting: &Mutex<Receiver<Vec<u8>>>) -> anyhow::Result<Share> {
    let mut share = Share::default();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(bundle) = next else { return Ok(share) };
        post(&mut client, &bundle, &mut share)?;
    }
}

fn post(client: &mut Client, bundle: &[u8], share: &mut Share) -> anyhow::Result<()> {
    let start = Instant::now();
    let (status, answer) = client.post("/fhir/R4", bundle)?;
    share.times_us.push(us(start.elapsed()));
    if status != 200 {
        bail!(
            "a bundle was answered {status}: {}",
            String::from_utf8_lossy(&answer[..answer.len().min(600)])
        );
    }
    share.posted_bytes += bundle.len() as u64;
    share.resources += remember(answer, &mut share.ids);
    Ok(())
}

/// Picks `Type/id` out of the locations of a transaction's answer without reading it as JSON.
fn remember(answer: &[u8], ids: &mut BTreeMap<String, Vec<String>>) -> u64 {
    let text = String::from_utf8_lossy(answer);
    let mut count = 0;
    for (at, key) in text.match_indices("\"location\":\"") {
        count += 1;
        let rest = &text[at + key.len()..];
        let Some((location, _)) = rest.split('"').next().unwrap_or_default().split_once("/_history/") else {
            continue;
        };
        let mut parts = location.rsplit('/');
        if let (Some(id), Some(kind)) = (parts.next(), parts.next()) {
            let known = ids.entry(kind.to_owned()).or_default();
            if known.len() < MOST_IDS {
                known.push(id.to_owned());
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_picked_out_of_locations() {
        let answer = br#"{"entry":[{"response":{"location":"http://h/fhir/R4/Patient/a/_history/1"}},{"response":{"location":"Observation/b/_history/3"}}]}"#;
        let mut ids = BTreeMap::new();
        assert_eq!(remember(answer, &mut ids), 2);
        assert_eq!((&ids["Patient"][0][..], &ids["Observation"][0][..]), ("a", "b"));
    }
}
