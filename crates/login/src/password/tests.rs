use super::{hash::*, *};
use std::time::Duration;

fn check(text: &str, fewest: usize) -> Result<(), Fault> {
    Password::new(text).check(fewest, &["Lakeside Clinic", "Asha Rao", "asha.rao@example.org"])
}

#[test]
fn a14_guessable_passwords_are_refused() {
    for bad in [
        "Password12345678",
        "P@ssw0rd12345678",
        "password password",
        "iloveyou20202020",
        "qwertyuiop123456",
        "123456789012345",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "sunshine!!!!!!!!",
        "Letmein2024!!!!!",
    ] {
        assert_eq!(check(bad, ALONE), Err(Fault::Common), "{bad}");
    }
    for bad in [
        "LakesideClinic2026!",
        "lakeside clinic 2026!",
        "asha.rao@example.org",
        "AshaRao19801980!",
        "keepwell-2026-!!",
    ] {
        assert_eq!(check(bad, ALONE), Err(Fault::Context), "{bad}");
    }
}

#[test]
fn a14_length_counts_characters_and_composition_does_not_count() {
    assert_eq!(check("kettle-7", WITH_SECOND_FACTOR), Ok(()));
    assert_eq!(check("kettle-", WITH_SECOND_FACTOR), Err(Fault::Short(8)));
    assert_eq!(check("kettle-and-mug", ALONE), Err(Fault::Short(15)));
    assert_eq!(check("my kettle sings", ALONE), Ok(()));
    assert_eq!(check("correct horse battery staple", ALONE), Ok(()));
    let long: String = "गंगा के किनारे पुराना बरगद हर सुबह नई कहानी सुनाता है और बच्चे चुपचाप सुनते रहते हैं".into();
    assert!(long.chars().count() >= 80);
    assert_eq!(check(&long, ALONE), Ok(()));
    assert_eq!(check(&long.chars().take(80).collect::<String>(), ALONE), Ok(()));
    assert_eq!(check(&"correct horse ".repeat(10)[..128], ALONE), Ok(()));
    assert_eq!(check(&"river stone ".repeat(22), ALONE), Err(Fault::Long));
}

#[test]
fn the_same_password_from_another_keyboard_is_the_same() {
    let hasher = Hasher::new(cheap(), 2, Duration::from_secs(5), [1; 16]).unwrap();
    let hash = hasher.hash(&Password::new("re\u{301}sume\u{301} wanderer"), [2; 16]).unwrap();
    assert!(hasher.verify(&Password::new("r\u{e9}sum\u{e9} wanderer"), Some(&hash)).unwrap());
    assert!(!hasher.verify(&Password::new("resume wanderer"), Some(&hash)).unwrap());
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
}

#[test]
fn nobodys_password_is_hashed_too_and_is_never_right() {
    let hasher = Hasher::new(cheap(), 1, Duration::from_secs(5), [1; 16]).unwrap();
    assert!(!hasher.verify(&Password::new("anything at all"), None).unwrap());
    assert!(hasher.verify(&Password::new("x"), Some("no hash")).is_err());
}

#[test]
fn only_so_many_are_hashed_at_once_and_the_others_wait_their_turn() {
    let hasher = Hasher::new(cheap(), 2, Duration::from_secs(30), [1; 16]).unwrap();
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..50_u8)
            .map(|n| {
                let hasher = &hasher;
                scope.spawn(move || hasher.hash(&Password::new("my kettle sings"), [n; 16]).is_ok())
            })
            .collect();
        threads.into_iter().filter(|_| true).map(|thread| thread.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(done, 50);
    let full = semaphore::Semaphore::new(1);
    let place = full.enter(Duration::ZERO);
    assert!(place.is_some() && full.enter(Duration::from_millis(5)).is_none());
    drop(place);
    assert!(full.enter(Duration::ZERO).is_some());
}

fn cheap() -> Cost {
    Cost { memory_kib: 64, passes: 1, lanes: 1 }
}
