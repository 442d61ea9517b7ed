use super::*;

fn read(base: &str, sign_in: &str, scope: &str) -> Result<House, Error> {
    let listing = Listing { name: "There", base, sign_in, client_id: "us", secret: "", scope };
    House::read(&listing, Timestamp::UNIX_EPOCH)
}

fn config(members: serde_json::Value) -> Vec<u8> {
    let mut all = serde_json::json!({
        "authorization_endpoint": "https://there.example/authorize", "token_endpoint": "https://there.example/token",
        "capabilities": ["launch-standalone", "permission-v2"],
    });
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.to_string().into_bytes()
}

#[test]
fn n13_only_an_address_that_may_be_called_is_listed() {
    for good in [
        "https://there.example/fhir/R4/",
        "https://there.example:8443/fhir",
        "http://127.0.0.1:8080/fhir/R4",
        "http://localhost:9",
        "https://10.0.0.7/fhir",
        "https://[2001:db8::1]/fhir",
    ] {
        assert!(read(good, "", "").is_ok(), "{good}");
    }
    for bad in [
        "",
        "there.example",
        "http://there.example/fhir",
        "http://10.0.0.7/fhir",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/fhir",
        "https://[::ffff:169.254.169.254]/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://there.example/fhir?x=y",
        "https://there.example/../admin",
        "https://me@there.example/",
        "ftp://there.example/",
        "https://there.example/ fhir",
    ] {
        assert!(matches!(read(bad, "", ""), Err(Error::Invalid { field: "base", .. })), "{bad}");
    }
    assert!(matches!(
        read("https://a.example", "https://169.254.1.1", ""),
        Err(Error::Invalid { field: "sign-in", .. })
    ));
    assert!(matches!(
        read("https://a.example", "", "patient/*.rs"),
        Err(Error::Invalid { field: "scope", .. })
    ));
    assert_eq!(
        read("https://a.example", "https://id.a.example/x", "").unwrap().sign_in.unwrap(),
        "https://id.a.example"
    );
}

#[test]
fn n13_a_server_is_asked_for_tokens_only_where_it_is_listed() {
    let house = read("https://there.example/fhir", "", "").unwrap();
    let wide = read("https://there.example/fhir", "https://id.there.example", "").unwrap();
    let field = |bytes: &[u8], house: &House| match walk::Configuration::read(bytes, house) {
        Err(Error::Invalid { field, .. }) => field,
        Ok(_) => "",
        Err(other) => panic!("{other:?}"),
    };
    let id = serde_json::json!({"token_endpoint": "https://id.there.example/token"});
    assert_eq!(field(&config(serde_json::json!({})), &house), "");
    assert_eq!(field(&config(id.clone()), &house), "sign-in");
    assert_eq!(field(&config(id), &wide), "");
    for evil in [
        "https://169.254.169.254/token",
        "http://there.example/token",
        "https://there.example.evil.example/t",
        "file:///etc/passwd",
    ] {
        assert_eq!(field(&config(serde_json::json!({"token_endpoint": evil})), &wide), "sign-in", "{evil}");
        assert_eq!(
            field(&config(serde_json::json!({"authorization_endpoint": evil})), &wide),
            "sign-in",
            "{evil}"
        );
    }
    assert_eq!(
        field(&config(serde_json::json!({"code_challenge_methods_supported": ["plain"]})), &house),
        "base"
    );
    assert_eq!(field(b"<html>", &house), "base");
}

#[test]
fn e9_the_scopes_are_those_of_the_version_that_the_server_knows() {
    let house = read("https://there.example/fhir", "", "").unwrap();
    let scope = |capabilities: serde_json::Value| {
        let bytes = config(serde_json::json!({"capabilities": capabilities}));
        walk::Configuration::read(&bytes, &house).unwrap().scope(&house)
    };
    assert_eq!(scope(serde_json::json!(["permission-v1"])), "launch/patient patient/*.read");
    assert_eq!(scope(serde_json::json!(["permission-v1", "permission-v2"])), "launch/patient patient/*.rs");
    assert_eq!(scope(serde_json::json!([])), "launch/patient patient/*.rs");
}

#[test]
fn e9_a_house_without_an_id_registers_itself_where_it_may() {
    let mut house = read("https://there.example/fhir", "", "").unwrap();
    house.client_id = String::new();
    let ask = |members: serde_json::Value| {
        Draft(house.clone()).registration(&config(members), "https://here.example/patient/elsewhere/back")
    };
    let found =
        ask(serde_json::json!({"registration_endpoint": "https://there.example/register"})).unwrap().unwrap();
    assert!(
        found.body.contains("\"none\"") && found.body.contains("https://here.example/patient/elsewhere/back")
    );
    for members in
        [serde_json::json!({}), serde_json::json!({"registration_endpoint": "https://evil.example/register"})]
    {
        assert!(matches!(ask(members), Err(Error::Invalid { field: "client", .. })));
    }
}
