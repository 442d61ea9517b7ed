//! P7: how much is logged changes while the server runs.

use crate::program::Place;
use std::fs;

#[test]
fn p7_sighup_reads_the_log_level_again_and_nothing_stops() {
    let place = Place::new();
    let config = place.path("keepwell.toml");
    let arguments = ["--config", config.to_str().unwrap()];
    fs::write(&config, "log_level = \"warn\"\n").unwrap();
    let serving = place.serve(&arguments);
    let capabilities = |id: &str| {
        let path = format!("/fhir/R4/metadata?{id}=1");
        assert_eq!(serving.ask("GET", &path, "", "").status, 200);
    };
    capabilities("a");
    assert!(!serving.log().contains("/fhir/R4/metadata"), "{}", serving.log());

    fs::write(&config, "log_level = \"info\"\n").unwrap();
    serving.signal("HUP");
    serving.logs("the log level was read again");
    capabilities("b");
    serving.logs("/fhir/R4/metadata");

    fs::write(&config, "log_level = \"in=fo=\"\n").unwrap();
    serving.signal("HUP");
    assert!(serving.logs("was not changed").contains("`log_level` must be"));
    fs::write(&config, "log_level = ").unwrap();
    serving.signal("HUP");
    serving.logs("line 1");

    fs::write(&config, "log_level = \"error\"\n").unwrap();
    serving.signal("HUP");
    serving.logs("log_level=\"error\"");
    let before = serving.log().len();
    capabilities("c");
    assert_eq!(serving.log().len(), before, "{}", serving.log());
}
