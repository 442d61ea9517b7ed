//! The sign-in of a running server: its courier, its first token, its broom.

use crate::{clock, config::Config, wire};
use anyhow::Context;
use login::{
    Login,
    courier::{Courier, FileDrop},
    factor::passkey::Party,
    oauth::Refines,
};
use record::Record;
use std::{sync::Arc, time::Duration};

/// How often what has ended is swept away.
const SWEPT: Duration = Duration::from_secs(600);

/// Opens the sign-in over the record's store.
pub(super) fn open(config: &Config, record: &Record) -> anyhow::Result<Arc<Login>> {
    let courier = config.sign_in.messages_to_files.then(|| -> Arc<dyn Courier> {
        let folder = config.data.join("messages-for-development");
        tracing::warn!(
            folder = %folder.display(),
            "messages to people are dropped as files, codes included: for development only"
        );
        Arc::new(FileDrop::new(folder))
    });
    Ok(Arc::new(over(config, record, courier)?))
}

/// The sign-in, as the server and the commands beside it have it.
pub(crate) fn over(
    config: &Config,
    record: &Record,
    courier: Option<Arc<dyn Courier>>,
) -> anyhow::Result<Login> {
    let mut settings = config.sign_in.settings.clone();
    settings.party = Party::of(&config.origin(config.listen));
    let bases = wire::bases(config);
    settings.oauth = login::oauth::Settings {
        access: settings.oauth.access,
        refines: Refines::by(move |scope| record::refine::can_be_kept(&bases, scope)),
        ..login::oauth::Settings::at(&wire::base(config))
    };
    Login::new(Arc::clone(record.store()), settings, courier).context("the sign-in cannot be opened")
}

/// What to tell at the start where nobody has set the house up: the way in, with a new token. It stands nowhere else.
pub(super) fn first_run(login: &Login, origin: &str) -> anyhow::Result<Option<String>> {
    let token = login.setup_token(clock::now()).context("the set-up token cannot be made")?;
    Ok(token.map(|token| {
        format!(
            "Nobody is an administrator yet. Open {origin}/setup and enter this token, which works once and until the next start:\n\n  {}\n",
            token.reveal()
        )
    }))
}

/// Sweeps now and then, until the server ends.
pub(super) async fn sweep(login: Arc<Login>) {
    loop {
        tokio::time::sleep(SWEPT).await;
        let login = Arc::clone(&login);
        match tokio::task::spawn_blocking(move || login.sweep(clock::now())).await {
            Ok(Ok(gone)) => tracing::debug!(gone, "sessions and attempts that had ended were removed"),
            Ok(Err(error)) => {
                tracing::warn!(%error, "what has ended could not be removed; it is tried again")
            }
            Err(_) => tracing::error!("removing what has ended panicked"),
        }
    }
}
