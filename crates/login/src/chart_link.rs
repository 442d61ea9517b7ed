//! Linking an account to its owner's chart: the owner asks, the front desk of a facility holds against the chart who they are.
//! Until then the account shows no chart.

use crate::{
    Login,
    account::checked_name,
    error::Error,
    kept::{Kept, hex, read, unhex},
    notice::Notice,
    random,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    decide::{Wish, decide},
    scope::Permission,
};
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};

/// How long the front desk has.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What somebody says of themselves, for the front desk to hold against a chart.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTask {
    /// The account that asks.
    pub account: String,
    /// The name that they give.
    pub name: String,
    /// The birth date that they give.
    pub birth_date: Date,
    /// The facility whose front desk is asked.
    pub facility: String,
}

impl std::fmt::Debug for LinkTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

fn of_account(account: &str) -> String {
    format!("account:{account}")
}

/// A date as forms give it: `1990-05-31`.
///
/// # Errors
/// [`Error::Invalid`] with that field's name.
pub fn date(field: &'static str, typed: &str) -> Result<Date, Error> {
    let text = "enter the date as year-month-day, such as 1990-05-31";
    typed.trim().parse().map_err(|_| Error::Invalid { field, text })
}

impl Login {
    /// Asks the front desk of a facility to link this account to its owner's chart.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field that will not do, or where that was asked already; [`Error::Refused`] in another realm.
    pub fn ask_for_link(
        &self,
        who: &Who,
        facility: &str,
        name: &str,
        birth_date: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        let mine = who.account.patient.as_ref().filter(|_| who.realm == Realm::Patient);
        let mine = mine.ok_or(Error::Refused)?;
        if mine.patient.is_some() {
            return Err(Error::Invalid { field: "name", text: "your account is linked to a chart already" });
        }
        let text = "choose a facility that is open";
        if !self.is_open(facility, visit.now) {
            return Err(Error::Invalid { field: "facility", text });
        }
        let (name, birth_date) = (checked_name(name)?, date("birth_date", birth_date)?);
        let (account, facility) = (who.account.id.clone(), facility.to_owned());
        let handle = of_account(&account);
        let ended: Option<Kept<LinkTask>> = self.find(Kind::ChartLink, &handle, jiff::Timestamp::MIN)?;
        let value = LinkTask { account, name, birth_date, facility };
        let ends = visit.now.saturating_add(LIFE).ok();
        let kept = match ended {
            Some(ended) if ended.expires.is_some_and(|end| end <= visit.now) => {
                Kept { value, expires: ends, ..ended }
            }
            Some(_) => {
                let text = "you have asked for this already; the front desk will look at it";
                return Err(Error::Invalid { field: "name", text });
            }
            None => Kept::new(random::<16>()?.to_vec(), ends, value),
        };
        let entry = visit.entry(who.realm, Some(&who.account), "chart link asked for", Outcome::Done);
        match self.store.change_items(vec![kept.put(Kind::ChartLink, vec![handle])?], Some(entry)) {
            Err(StoreError::Taken | StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// Who asked this person's front desk, each with the name that it is answered by.
    ///
    /// # Errors
    /// [`Error::Refused`] for a role that does not register patients.
    pub fn link_tasks(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, LinkTask)>, Error> {
        let (_, facility) = self.registers(who, "chart link list", visit)?;
        let (mut found, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::ChartLink, &after, 100, visit.now)?;
            for item in items {
                let kept: Kept<LinkTask> = read(item)?;
                if kept.value.facility == facility {
                    found.push((hex(&kept.id), kept.value));
                }
            }
            let Some(next) = next else { break };
            after = next;
        }
        let entry = visit.entry(who.realm, Some(&who.account), "chart link list", Outcome::Done);
        self.store.witness(entry)?;
        Ok(found)
    }

    /// Answers: links the account to that patient's chart, or to none. Whoever links must be able to see that patient.
    ///
    /// # Errors
    /// [`Error::Refused`] for a role that does not register patients, or for one's own account; [`Error::Ended`] where it was
    /// answered; [`Error::Invalid`] for a chart that they do not see or that another account is linked to.
    pub fn answer_link(
        &self,
        who: &Who,
        id: &str,
        patient: Option<&str>,
        visit: &Visit,
    ) -> Result<(), Error> {
        let (act, facility) = self.registers(who, "chart link", visit)?;
        let found = unhex(id).map(|id| self.get(Kind::ChartLink, &id, visit.now)).transpose()?.flatten();
        let task: Kept<LinkTask> =
            found.filter(|task: &Kept<LinkTask>| task.value.facility == facility).ok_or(Error::Ended)?;
        let mut account = self.account(&task.value.account, visit.now)?.ok_or(Error::Ended)?;
        if account.value.id == who.account.id {
            self.refuse_act(&act, "chart link")?;
            return Err(Error::Refused);
        }
        let operation = if patient.is_some() { "chart linked" } else { "chart link denied" };
        let mut entry = Entry::new(&act, operation, format!("account {}", account.value.id), Outcome::Done);
        let text = match patient {
            Some(patient) => {
                let Some(row) = self.row_within(&act, patient)? else {
                    self.refuse_act(&act, "chart link")?;
                    let text = "you see no such patient; check the number";
                    return Err(Error::Invalid { field: "patient", text });
                };
                entry.patients = vec![row];
                self.link_chart(&mut account.value, patient, visit)?;
                "Your account is linked to your health record now"
            }
            None => "The front desk could not link your account to a health record; ask there",
        };
        let notice = crate::notice::Notice { at: visit.now, text: text.to_owned() };
        let changes =
            vec![task.remove(Kind::ChartLink), account.write()?, Notice::write(notice, &account.value.id)?];
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Taken) => {
                let text = "another account is linked to this chart already; find out whose it is";
                Err(Error::Invalid { field: "patient", text })
            }
            outcome => Ok(outcome?),
        }
    }

    /// Whether somebody registers patients, at which facility. A refusal is signed.
    pub(crate) fn registers(
        &self,
        who: &Who,
        operation: &str,
        visit: &Visit,
    ) -> Result<(Act, String), Error> {
        let act = self.act_of(who, visit)?;
        let wish = Wish { permission: Permission::Create, resource_type: Some("Patient") };
        match &who.staff {
            Some(staff) if who.realm == Realm::Clinic && decide(&act, wish).is_ok() => {
                Ok((act, staff.facility.clone()))
            }
            _ => {
                self.refuse_act(&act, operation)?;
                Err(Error::Refused)
            }
        }
    }
}
