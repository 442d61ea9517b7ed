//! `keepwell client`, as an administrator types it.

use serde_json::json;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Runs the program on that folder.
fn keepwell(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let program = Command::new(env!("CARGO_BIN_EXE_keepwell"))
        .args(arguments)
        .env_clear()
        .env("HOME", folder)
        .env("KEEPWELL_DATA", folder.join("data"))
        .current_dir(folder)
        .output();
    let Output { status, stdout, stderr } = program.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn an_administrator_adds_lists_revokes_and_approves_apps() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("patient.json"), "{\"resourceType\":\"Patient\",\"id\":\"a\"}").unwrap();
    let (code, _, said) = keepwell(at, &["import", "patient.json"]);
    assert_eq!(code, Some(0), "{said}");
    let metadata = json!({"client_name": "Growth Chart", "redirect_uris": ["https://app.example/back"],
        "token_endpoint_auth_method": "none", "scope": "openid patient/*.rs"});
    fs::write(at.join("app.json"), metadata.to_string()).unwrap();
    let (code, id, said) = keepwell(at, &["client", "add", "app.json"]);
    assert_eq!(code, Some(0), "{said}");
    let id = id.trim();
    let line = |status: &str| {
        format!(
            "{id}  {status:8}  public     openid patient/*.rs  https://app.example/back  [Growth Chart]\n"
        )
    };
    assert_eq!(keepwell(at, &["client", "list"]).1, line("approved"));
    assert_eq!(keepwell(at, &["client", "revoke", id]).1, line("revoked"));
    assert_eq!(keepwell(at, &["client", "list"]).1, line("revoked"));
    assert_eq!(keepwell(at, &["client", "approve", id]).1, line("approved"));
    let (code, _, said) = keepwell(at, &["client", "approve", "nobody"]);
    assert!(code == Some(1) && said.contains("there is no such app"), "{said}");
    fs::write(at.join("bad.json"), metadata.to_string().replace("\"none\"", "\"client_secret_basic\""))
        .unwrap();
    let (code, _, said) = keepwell(at, &["client", "add", "bad.json"]);
    assert!(code == Some(1) && said.contains("issues no client secrets"), "{said}");
    let (code, _, said) = keepwell(at, &["verify"]);
    assert_eq!(code, Some(0), "{said}");
}
