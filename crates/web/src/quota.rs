//! How much one app may ask for in a minute, so that one that runs wild slows the house for nobody else (L5).
//!
//! Counted in this process and in whole minutes: on several nodes an app has as much on each.

use crate::failure::Failure;
use axum::http::{HeaderValue, StatusCode, header};
use fhir::outcome::IssueCode;
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The requests of each app in this minute. Only apps that are registered and let in are counted, so there are not more of them than that.
pub(crate) struct Quotas {
    most: u32,
    counted: Mutex<(i64, HashMap<String, u32>)>,
}

impl Quotas {
    /// At most that many requests of one app in a minute.
    pub(crate) fn new(most: u32) -> Quotas {
        Quotas { most, counted: Mutex::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 429 with the seconds to wait, for one too many.
    pub(crate) fn take(&self, app: &str, at: Timestamp) -> Result<(), Failure> {
        let (minute, second) = (at.as_second().div_euclid(60), at.as_second().rem_euclid(60));
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, HashMap::new());
        }
        let count = match counted.1.get_mut(app) {
            Some(count) => count,
            None => counted.1.entry(app.to_owned()).or_default(),
        };
        if *count >= self.most {
            return Err(over(self.most, 60 - second));
        }
        *count += 1;
        Ok(())
    }
}

fn over(most: u32, seconds: i64) -> Failure {
    let text = format!(
        "this app has sent {most} requests within a minute, which is all that it may here; go on in {seconds} seconds"
    );
    let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, text);
    match HeaderValue::from_str(&seconds.to_string()) {
        Ok(value) => failure.header(header::RETRY_AFTER, value),
        Err(_) => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l5_one_app_too_eager_waits_until_the_next_minute_and_another_does_not() {
        let quotas = Quotas::new(3);
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        for _ in 0..3 {
            quotas.take("wild", at(10)).unwrap();
        }
        for second in [10, 59] {
            let refused = quotas.take("wild", at(second)).unwrap_err();
            let wait = (60 - second).to_string();
            assert_eq!(
                (refused.status.as_u16(), refused.headers[0].1.to_str().unwrap()),
                (429, wait.as_str())
            );
            quotas.take("calm", at(second)).unwrap();
        }
        quotas.take("wild", at(60)).unwrap();
        // A clock that was set back is another minute, and locks nobody out.
        quotas.take("wild", at(-600)).unwrap();
    }
}
