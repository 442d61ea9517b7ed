//! Staff from a list, and invitations that a second person confirms.

use crate::house::{Desk, PASSWORD, Person};
use access::audit::Outcome;
use login::{
    attempt::Step,
    error::Error,
    invitation::Invite,
    realm::Realm,
    roster::{By, Unlisted},
    session::Who,
    staff_list::parse,
};
use testkit::house::{ENGINES, Engine};

const LIST: &str = "name,email,role,practitioner\n\
    Meera Iyer,meera@example.org,physician,m\n\
    =SUM(1),+919876543210,nurse,\n\
    Ravi Das,ravi@example.org,front-desk,r\n";

#[test]
fn a8_everybody_on_a_list_is_invited_and_each_link_opens_once() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let invited =
            desk.login.invite_all(By::Administrator(&who), parse(LIST).unwrap(), &desk.visit()).unwrap();
        assert_eq!(invited.len(), 3);
        assert!(invited.iter().all(|one| !one.waits));
        let entry = desk.entries().pop().unwrap();
        assert_eq!((entry.operation.as_str(), entry.outcome), ("invitations", Outcome::Done));
        assert!(entry.shape.contains("physician at ") && entry.shape.contains("Practitioner/m; nurse at "));
        assert!(!entry.shape.contains("Meera"));
        for one in &invited {
            let token = one.token.reveal();
            assert_eq!(desk.login.invitation(token, &desk.visit()).unwrap().name, one.row.name);
            assert!(matches!(desk.login.accept(token, PASSWORD, &desk.visit()), Ok(Step::Enrol(_))));
            assert!(matches!(desk.login.accept(token, PASSWORD, &desk.visit()), Err(Error::Ended)), "once");
        }
        assert!(matches!(desk.begin(Realm::Clinic, "09876543210", PASSWORD), Ok(Step::Enrol(_))), "by phone");
    }
}

#[test]
fn a8_one_line_that_will_not_do_leaves_nobody_invited() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let who = desk.who(Realm::Admin, &admin.session).unwrap();
    let before = desk.log().len();
    let lines = |text: &str| match desk.login.invite_all(
        By::Administrator(&who),
        parse(text).unwrap(),
        &desk.visit(),
    ) {
        Err(Unlisted::Lines(faults)) => faults.into_iter().map(|fault| fault.line).collect::<Vec<_>>(),
        _ => panic!("a list that will not do"),
    };
    let bad = "king@example.org,king,k\nLeela,no address,nurse,l\nRoy,roy@example.org,physician,no id\n";
    assert_eq!(lines(&format!("{LIST}King,{bad}")), [5, 6, 7]);
    assert_eq!(lines(&format!("{LIST}Meera,meera@example.org,nurse,\nX,x@example.org,nurse,m\n")), [5, 6]);
    assert_eq!(
        lines(
            "name,email,role,facility\nA,a@example.org,nurse,KF 00000-00000\nB,b@example.org,administrator,\n"
        ),
        [2, 3]
    );
    assert_eq!(desk.log().len(), before);
    // A patient's session invites nobody, and neither does an administrator whose last code was long ago.
    let patient = desk.patient("asha@example.org");
    let patient = desk.who(Realm::Patient, &patient.session).unwrap();
    let outcome = desk.login.invite_all(By::Administrator(&patient), parse(LIST).unwrap(), &desk.visit());
    assert!(matches!(outcome, Err(Unlisted::Other(Error::Refused))));
    desk.wait(700);
    let late = desk.who(Realm::Admin, &admin.session).unwrap();
    let outcome = desk.login.invite_all(By::Administrator(&late), parse(LIST).unwrap(), &desk.visit());
    assert!(matches!(outcome, Err(Unlisted::Other(Error::StepUp))));
    // The command line invites as well, and the log says that it did.
    let (desk, _) = Desk::open(Engine::Sqlite);
    let act = desk.house.operator();
    assert_eq!(
        desk.login.invite_all(By::Operator(&act), parse(LIST).unwrap(), &desk.visit()).unwrap().len(),
        3
    );
    assert_eq!(desk.entries().pop().unwrap().role, "operator");
}

fn invited(desk: &Desk, admin: &Person, email: &str, practitioner: Option<&str>) -> (String, bool) {
    let who = desk.fresh(admin);
    let facility = desk.login.facilities(desk.now()).unwrap().remove(0);
    let invite = Invite {
        facility: &facility.id,
        name: "Dr Meera Iyer",
        email,
        roles: vec!["physician".into()],
        practitioner: practitioner.map(str::to_owned),
    };
    let token = desk.login.invite(&who, invite, &desk.visit()).unwrap();
    let waits = desk.login.invitation_waits(token.reveal(), &desk.visit()).unwrap();
    (token.reveal().to_owned(), waits)
}

#[test]
fn an_administrator_alone_becomes_nobody_whom_patients_have_let_in() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let clerk = desk.staff_as(&admin, "clerk@example.org", "front-desk", Some("d"));
        desk.staff_as(&admin, "doctor@example.org", "physician", Some("b"));
        let nurse = desk.staff_as(&admin, "nurse@example.org", "nurse", Some("n"));
        // Nobody else is concerned, or it is the Practitioner's own account.
        assert!(!invited(&desk, &admin, "other@example.org", Some("c")).1);
        assert!(!invited(&desk, &admin, "other@example.org", None).1);
        assert!(!invited(&desk, &admin, "doctor@example.org", Some("b")).1);
        // Themselves, as anybody; or another address, as a Practitioner who signs in already.
        for (email, practitioner) in
            [("admin@example.org", Some("c")), ("admin@example.org", None), ("other@example.org", Some("b"))]
        {
            let (token, waits) = invited(&desk, &admin, email, practitioner);
            assert!(waits, "{email} {practitioner:?}");
            assert!(matches!(desk.login.invitation(&token, &desk.visit()), Err(Error::Unsupported(_))));
            assert!(matches!(desk.login.accept(&token, PASSWORD, &desk.visit()), Err(Error::Unsupported(_))));
            // Not by its maker, and not by a nurse, who registers nobody.
            let maker = desk.fresh(&admin);
            assert!(desk.login.waiting_invitations(&maker, &desk.visit()).unwrap().is_empty());
            let who = desk.fresh(&clerk);
            let (id, shown) = desk.login.waiting_invitations(&who, &desk.visit()).unwrap().remove(0);
            assert_eq!(shown.email(), email);
            let answer = |who: &Who, yes: bool| desk.login.answer_invitation(who, &id, yes, &desk.visit());
            assert!(matches!(answer(&maker, true), Err(Error::Refused)));
            assert!(matches!(answer(&desk.fresh(&nurse), true), Err(Error::Refused)));
            assert!(desk.login.accept(&token, PASSWORD, &desk.visit()).is_err());
            if practitioner.is_none() {
                answer(&who, false).unwrap();
                assert!(
                    matches!(desk.login.accept(&token, PASSWORD, &desk.visit()), Err(Error::Ended)),
                    "withdrawn"
                );
                continue;
            }
            let before = desk.log().len();
            answer(&who, true).unwrap();
            assert!(matches!(answer(&who, true), Err(Error::Ended)), "once");
            assert_eq!(desk.log_since(before), ["invitation confirmed done Dr Meera Iyer"]);
            assert!(desk.login.accept(&token, PASSWORD, &desk.visit()).is_ok());
        }
        // A clerk is not the second person for themselves.
        let (_, waits) = invited(&desk, &admin, "clerk@example.org", Some("b"));
        assert!(
            waits && desk.login.waiting_invitations(&desk.fresh(&clerk), &desk.visit()).unwrap().is_empty()
        );
    }
}
