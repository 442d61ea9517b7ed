//! What there is, and the router made from it.

use crate::{
    account, administration, apps, card, chart, clients, consent, design, desk, disputes, draft, elsewhere,
    emergency, factor, federation, home, installable, invitation, launch, live, log, own_words, page,
    passkey, patients, pick, public, register, roles, roster, server_room, setup, sharing, sign_in, sign_up,
    today, view, welcome,
};
use axum::{
    Router,
    routing::{MethodRouter, get, post},
};
use std::{collections::BTreeMap, sync::Arc};
use web::{
    door::Door,
    route::{Needs, Route},
};

macro_rules! table {
    ($($method:ident $template:literal $operation:literal $needs:ident $handler:path;)*) => {
        /// All routes of the pages. `{realm}` is `patient`, `clinic` or `admin`.
        pub const TABLE: &[Route] = &[$(Route {
            method: method!($method),
            template: $template,
            operation: $operation,
            needs: Needs::$needs,
        },)*];

        /// The router of the table.
        pub(crate) fn router() -> Router<Arc<Door>> {
            let mut templates: BTreeMap<&str, MethodRouter<Arc<Door>>> = BTreeMap::new();
            $(
                let before = templates.remove($template).unwrap_or_default();
                templates.insert($template, before.merge($method($handler)));
            )*
            templates.into_iter().fold(Router::new(), |router, (template, served)| router.route(template, served))
        }
    };
}

macro_rules! method {
    (get) => {
        "GET"
    };
    (post) => {
        "POST"
    };
}

table! {
    get  "/assets/portal.css"          "stylesheet"                Nothing page::stylesheet;
    get  "/manifest.webmanifest"       "what an app of it is called" Nothing installable::manifest;
    get  "/assets/icon.svg"            "our mark"                  Nothing installable::mark;
    get  "/assets/icon-192.png"        "our mark, small"           Nothing installable::small;
    get  "/assets/icon-512.png"        "our mark, large"           Nothing installable::large;
    get  "/assets/passkey.js"          "script for passkeys"       Nothing passkey::module;
    get  "/assets/note.js"             "script that saves notes"   Nothing chart::note_module;
    get  "/assets/live.js"             "script of open charts"     Nothing live::module;
    get  "/assets/today.js"            "script for today's list"   Nothing today::module;
    get  "/setup"                      "first run"                 Nothing setup::show;
    post "/setup"                      "make the administrator"    Nothing setup::take;
    get  "/invitation/{token}"         "invitation"                Nothing invitation::show;
    post "/invitation/{token}"         "accept an invitation"      Nothing invitation::take;
    get  "/patient/sign-up"            "sign-up"                   Nothing sign_up::show;
    post "/patient/sign-up"            "sign up"                   Nothing sign_up::take;
    get  "/patient/sign-up/code"       "sign-up code"              Attempt sign_up::show_code;
    post "/patient/sign-up/code"       "confirm a sign-up"         Attempt sign_up::take_code;
    get  "/{realm}/sign-in"            "sign-in"                   Nothing sign_in::show;
    post "/{realm}/sign-in"            "sign in"                   Nothing sign_in::take;
    post "/{realm}/passkey/options"    "ask for a passkey"         Nothing passkey::ask_sign_in;
    post "/{realm}/passkey"            "sign in by passkey"        Attempt passkey::sign_in;
    get  "/{realm}/federation/{name}"  "sign in by a provider"     Nothing federation::start;
    get  "/federation/return"          "back from a provider"      Nothing federation::show_return;
    post "/federation/return"          "finish with a provider"    Attempt federation::take_return;
    get  "/{realm}/second-factor"      "second factor"             Attempt factor::show;
    post "/{realm}/second-factor"      "prove the second factor"   Attempt factor::take;
    post "/{realm}/second-factor/code" "have a code sent"          Attempt factor::send;
    post "/{realm}/second-factor/options" "ask for it after a password" Attempt passkey::ask_second;
    get  "/{realm}/app"                "authenticator app"         Attempt factor::show_app;
    post "/{realm}/app"                "set up the app"            Attempt factor::take_app;
    post "/{realm}/app/passkey/options" "ask for a first passkey"  Attempt passkey::ask_first;
    post "/{realm}/app/passkey"        "set up a first passkey"    Attempt passkey::first;
    get  "/{realm}/account"            "account and sessions"      Session account::show;
    post "/{realm}/account/name"       "change the name"           Session account::name;
    post "/{realm}/account/password"   "change the password"       Session account::password;
    post "/{realm}/account/app"        "replace the app"           Session account::replace_app;
    post "/{realm}/account/passkey/options" "ask for a new passkey" Session passkey::ask_new;
    post "/{realm}/account/passkey"    "add a passkey"             Session passkey::add;
    post "/{realm}/account/passkey/remove" "remove a passkey"      Session account::remove_passkey;
    get  "/{realm}/account/federation" "linked providers"          Session federation::show;
    post "/{realm}/account/federation" "link a provider"           Session federation::take;
    post "/{realm}/account/federation/end" "unlink a provider"  Session federation::remove;
    post "/{realm}/account/revoke"     "end one session"           Session account::revoke;
    post "/{realm}/account/everywhere" "sign out everywhere"       Session account::everywhere;
    get  "/{realm}/step-up"            "step-up"                   Session account::show_step_up;
    post "/{realm}/step-up"            "prove who you are again"   Session account::step_up;
    post "/{realm}/step-up/options"    "ask for a passkey again"   Session passkey::ask_step_up;
    get  "/{realm}/draft"              "what was not sent"         Session draft::show;
    post "/{realm}/draft"              "throw it away"             Session draft::drop;
    post "/{realm}/sign-out"           "sign out"                  Session account::sign_out;
    get  "/oauth/authorize"            "an app asks"               Nothing consent::authorize;
    get  "/{realm}/consent/{token}"    "what an app may"           Session consent::show;
    post "/{realm}/consent/{token}"    "answer an app"             Session consent::answer;
    get  "/{realm}/apps"               "connected apps"            Session apps::show;
    post "/{realm}/apps/disconnect"    "disconnect an app"         Session apps::disconnect;
    get  "/admin/welcome"              "first steps"               Session welcome::show;
    post "/admin/welcome/key"          "say that the key is kept"  Session welcome::say_key;
    post "/admin/welcome/away"         "put the first steps away"  Session welcome::put_away;
    get  "/admin/home"                 "where the house is"        Session home::show;
    post "/admin/home"                 "say where the house is"    Session home::save;
    get  "/admin/staff"                "facilities and staff"      Session administration::show;
    post "/admin/staff"                "invite"                    Session administration::invite;
    get  "/admin/staff/list"           "staff from a list"         Session roster::show;
    post "/admin/staff/list"           "invite a list"             Session roster::take;
    get  "/admin/staff/waiting"        "invitations that wait"     Session roster::show_waiting;
    post "/admin/staff/waiting"        "confirm an invitation"     Session roster::take_waiting;
    post "/admin/accounts"             "suspend or let in"         Session administration::set_status;
    post "/admin/facilities"           "found a facility"          Session administration::found;
    post "/admin/facilities/open"      "suspend or open"           Session administration::set_open;
    post "/admin/facilities/record"    "name its Organization"     Session administration::set_organization;
    post "/admin/facilities/enter"     "make its Organization"     Session administration::enter;
    get  "/admin/emergencies"          "emergencies to review"     Session emergency::show;
    post "/admin/emergencies"          "review an emergency"       Session emergency::review;
    get  "/admin/disputes"             "disputes to answer"        Session disputes::show;
    post "/admin/disputes"             "answer a dispute"          Session disputes::answer;
    get  "/clinic/patients"            "look a patient up"         Session patients::show;
    post "/clinic/patients"            "look up"                   Session patients::find;
    post "/clinic/patients/ask"        "ask for access"            Session patients::ask;
    post "/clinic/patients/code"       "give the patient's code"   Session patients::code;
    post "/clinic/patients/glass"      "break the glass"           Session patients::break_glass;
    post "/clinic/patients/glass/end"  "end an emergency"          Session patients::end_glass;
    get  "/clinic/register"            "register a patient"        Session register::show;
    post "/clinic/register"            "store a patient"           Session register::take;
    get  "/clinic/desk"                "links and proxies"         Session desk::show;
    post "/clinic/desk/link"           "answer a link"             Session desk::link;
    post "/clinic/desk/proxy"          "offer a child's proxy"     Session desk::offer;
    post "/clinic/desk/proxy/confirm"  "confirm a child's proxy"   Session desk::confirm;
    post "/clinic/desk/invitation"     "confirm an invitation"     Session desk::invitation;
    get  "/patient/sharing"            "who sees my record"        Session sharing::show;
    post "/patient/sharing/link"       "ask for my chart"          Session sharing::link;
    post "/patient/sharing/claim"      "ask for a code for it"     Session sharing::claim;
    post "/patient/sharing/claim/code" "give the code for it"      Session sharing::claim_code;
    post "/patient/sharing/unlink"     "let go of my chart"        Session sharing::unlink;
    post "/patient/sharing/answer"     "answer a request"          Session sharing::answer;
    post "/patient/sharing/code"       "show a code"               Session sharing::code;
    post "/patient/sharing/proxy"      "offer a proxy"             Session sharing::offer;
    post "/patient/sharing/proxy/take" "take a proxy's link"       Session sharing::take;
    post "/patient/sharing/proxy/end"  "end a proxy"               Session sharing::end;
    get  "/admin/pages"                "public pages"              Session own_words::show;
    get  "/admin/pages/edit"           "what the house says"       Session own_words::edit;
    post "/admin/pages/edit"           "save what the house says"  Session own_words::save;
    get  "/admin/clients"              "apps that wait"            Session clients::show;
    post "/admin/clients"              "let an app in, or no more" Session clients::judge;
    get  "/admin/elsewhere"            "other servers"             Session elsewhere::show;
    post "/admin/elsewhere"            "list a server"             Session elsewhere::list;
    post "/admin/elsewhere/remove"     "take a server off"         Session elsewhere::remove;
    get  "/admin/house"                "this server"               Session server_room::show;
    get  "/admin/log"                  "the audit log"             Session log::show;
    post "/admin/log"                  "find in the audit log"     Session log::find;
    get  "/admin/log/check"            "how a check of it stands"  Session log::show_check;
    post "/admin/log/check"            "check the audit log"       Session log::check;
    get  "/admin/log/checkpoint"       "its newest checkpoint"     Session log::checkpoint;
    get  "/admin/roles"                "roles"                     Session roles::show;
    post "/admin/roles"                "save a role"               Session roles::save;
    post "/admin/roles/open"           "open a role"               Session roles::open;
    post "/admin/roles/check"          "see what changes"          Session roles::check;
    post "/admin/roles/remove"         "remove a role"             Session roles::remove;
    get  "/"                           "front page"                Nothing public::front;
    post "/visit"                      "walk as somebody of the demo" Nothing public::visit;
    get  "/about"                      "about the house"           Nothing public::about;
    get  "/contact"                    "contact"                   Nothing public::contact;
    get  "/status"                     "that it answers"           Nothing public::status;
    get  "/privacy"                    "privacy"                   Nothing public::privacy;
    get  "/protection"                 "how data is protected"     Nothing public::protection;
    get  "/accessibility"              "accessibility"             Nothing public::accessibility;
    get  "/design"                     "parts of pages"            Nothing design::show;
    get  "/clinic"                     "today"                     Session today::show;
    post "/clinic"                     "find among those in care"  Session today::find;
    post "/clinic/today"               "mark who has come"         Session today::mark;
    get  "/clinic/changes"             "today: hear of changes"    Session live::changes_of_today;
    post "/language"                   "choose a language"         Nothing view::choose;
    get  "/{realm}"                    "home"                      Session chart::home;
    get  "/{realm}/chart/{patient}"    "chart"                     Session chart::summary;
    get  "/{realm}/chart/{patient}/changes" "chart: hear of changes" Session live::changes;
    get  "/{realm}/chart/{patient}/emergency" "chart: in an emergency" Session chart::emergency;
    get  "/{realm}/chart/{patient}/timeline" "chart: timeline"     Session chart::timeline;
    get  "/{realm}/chart/{patient}/history" "chart: what changed"   Session chart::history;
    get  "/{realm}/chart/{patient}/history/{type}/{id}" "chart: versions of one" Session chart::versions;
    post "/{realm}/chart/{patient}/history/{type}/{id}" "bring a version back" Session chart::bring_back;
    get  "/{realm}/chart/{patient}/search" "chart: search"           Session chart::show_search;
    post "/{realm}/chart/{patient}/search" "find words in a chart"   Session chart::search;
    get  "/{realm}/chart/{patient}/vitals" "chart: vital signs"    Session chart::vitals;
    get  "/{realm}/chart/{patient}/vitals/new" "enter vital signs" Session chart::vitals_form;
    post "/{realm}/chart/{patient}/vitals/new" "store vital signs" Session chart::take_vitals;
    get  "/{realm}/chart/{patient}/entries/{key}/{id}" "one entry" Session chart::entry;
    post "/{realm}/chart/{patient}/entries/{key}/{id}" "accept, deny or strike it" Session chart::act_on_entry;
    get  "/{realm}/chart/{patient}/details" "chart: general details" Session chart::details;
    post "/{realm}/chart/{patient}/details" "write general details" Session chart::take_details;
    get  "/patient/chart/{patient}/entries" "what I have written"  Session chart::entries;
    get  "/patient/chart/{patient}/allergies/new" "write an allergy" Session chart::allergy;
    post "/patient/chart/{patient}/allergies/new" "store an allergy" Session chart::take_allergy;
    get  "/patient/chart/{patient}/allergies/{id}/edit" "change what I wrote" Session chart::edit_allergy;
    post "/patient/chart/{patient}/allergies/{id}/edit" "store the change" Session chart::take_edited_allergy;
    get  "/patient/chart/{patient}/vitals/{id}/edit" "change what I measured" Session chart::edit_vital;
    post "/patient/chart/{patient}/vitals/{id}/edit" "store the other value" Session chart::take_edited_vital;
    get  "/patient/chart/{patient}/values/new" "type values from a paper" Session chart::values;
    post "/patient/chart/{patient}/values/new" "store them"        Session chart::take_values;
    get  "/patient/chart/{patient}/values/{id}/edit" "change one of them" Session chart::edit_value;
    post "/patient/chart/{patient}/values/{id}/edit" "store it"    Session chart::take_edited_value;
    get  "/{realm}/chart/{patient}/results" "chart: results"       Session chart::results;
    get  "/{realm}/chart/{patient}/results/{key}" "chart: one result" Session chart::series;
    get  "/{realm}/chart/{patient}/medicines" "chart: medicines"   Session chart::medicines;
    get  "/{realm}/chart/{patient}/problems" "chart: problems"     Session chart::problems;
    get  "/{realm}/chart/{patient}/visits" "chart: visits"         Session chart::visits;
    get  "/{realm}/chart/{patient}/notes" "chart: notes"           Session chart::notes;
    get  "/{realm}/chart/{patient}/notes/{id}" "chart: a note"     Session chart::note;
    get  "/clinic/chart/{patient}/notes/new" "begin a note"        Session chart::new_note;
    get  "/clinic/chart/{patient}/notes/{id}/edit" "go on with a note" Session chart::edit_note;
    post "/clinic/chart/{patient}/notes/{id}/edit" "save a note"   Session chart::save_note;
    post "/clinic/chart/{patient}/notes/{id}/sign" "sign a note"   Session chart::sign_note;
    post "/clinic/chart/{patient}/notes/{id}/error" "note in error" Session chart::withdraw_note;
    get  "/{realm}/chart/{patient}/documents" "chart: documents"   Session chart::documents;
    post "/{realm}/chart/{patient}/documents" "take documents along" Session chart::take_documents;
    get  "/{realm}/chart/{patient}/documents/{id}" "chart: a document's file" Session chart::document;
    post "/patient/chart/{patient}/documents/{id}/take-back" "take a document back" Session chart::take_document_back;
    get  "/{realm}/chart/{patient}/documents/{id}/look" "chart: a document's page" Session chart::look_at_document;
    get  "/{realm}/chart/{patient}/upload" "chart: add documents"   Session chart::show_upload;
    post "/{realm}/chart/{patient}/upload" "add documents"          Session chart::upload;
    get  "/{realm}/chart/{patient}/immunizations" "chart: immunizations" Session chart::immunizations;
    get  "/clinic/chart/{patient}/plans/new" "begin a plan"        Session chart::new_plan;
    post "/clinic/chart/{patient}/plans/new" "store a plan"        Session chart::take_plan;
    post "/clinic/chart/{patient}/plans/{id}" "a session, or the end of a plan" Session chart::act_on_plan;
    get  "/{realm}/chart/{patient}/immunizations/card" "chart: vaccination card" Session chart::vaccination_card;
    post "/patient/chart/{patient}/immunizations/health-card" "make a SMART Health Card" Session chart::health_card;
    get  "/{realm}/chart/{patient}/plans" "chart: plans"           Session chart::plans;
    get  "/card/{token}"               "a card or a link"          Link    card::show;
    post "/card/{token}"               "open it with its PIN"      Link    card::open;
    post "/card/{token}/document"      "a document that it opens"  Link    card::document;
    get  "/patient/chart/{patient}/card" "emergency card"          Session chart::show_card;
    post "/patient/chart/{patient}/card" "make an emergency card"  Session chart::make_card;
    get  "/patient/chart/{patient}/card/{id}" "a card or a link to print" Session chart::show_link;
    get  "/patient/chart/{patient}/share" "what is shared of a record" Session chart::show_share;
    post "/patient/chart/{patient}/share" "share, or see what it means" Session chart::share;
    post "/patient/chart/{patient}/share/stop" "stop sharing"      Session chart::stop_share;
    get  "/patient/chart/{patient}/take-out" "take a record along" Session chart::show_take_out;
    post "/patient/chart/{patient}/take-out" "download everything" Session chart::take_out;
    get  "/patient/chart/{patient}/elsewhere" "bring a record from elsewhere" Session chart::show_elsewhere;
    post "/patient/chart/{patient}/elsewhere" "go there for it"    Session chart::go_elsewhere;
    post "/patient/chart/{patient}/elsewhere/enter" "let in what came" Session chart::enter_elsewhere;
    post "/patient/chart/{patient}/elsewhere/drop" "let go of what came" Session chart::drop_elsewhere;
    post "/patient/chart/{patient}/elsewhere/remove" "put away what was brought" Session chart::remove_elsewhere;
    get  "/patient/elsewhere/back"     "back from another server"  Nothing chart::show_back;
    post "/patient/elsewhere/back"     "fetch a record there"      Session chart::take_back;
    get  "/patient/chart/{patient}/viewers" "who looked at a record" Session chart::viewers;
    post "/patient/chart/{patient}/viewers" "dispute a look"         Session chart::dispute;
    get  "/patient/chart/{patient}/viewers.csv" "that list as a file" Session chart::viewers_list;
    get  "/admin/chart/{patient}/viewers" "who looked at a record" Session chart::oversight;
    get  "/admin/chart/{patient}/viewers.csv" "that list as a file" Session chart::oversight_list;
    get  "/clinic/pick/{token}"        "choose a patient for an app" Session pick::show;
    post "/clinic/pick"                "find a patient for an app" Session pick::find;
    post "/clinic/pick/chart"          "take a patient for an app" Session pick::choose;
    get  "/patient/launch"             "apps to start"             Session launch::show_own;
    post "/patient/launch"             "start an app"              Session launch::start_own;
    get  "/clinic/launch"              "apps to start"             Session launch::show;
    post "/clinic/launch"              "start an app from a chart" Session launch::start;
    post "/clinic/launch/patients"     "find a chart for an app"   Session launch::find;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_says_each_route_once_and_little_is_open_to_everybody() {
        let mut seen = HashSet::new();
        assert!(TABLE.iter().all(|route| seen.insert((route.method, route.template))));
        let open: HashSet<&str> =
            TABLE.iter().filter(|route| route.needs == Needs::Nothing).map(|route| route.template).collect();
        let expected = [
            "/assets/portal.css",
            "/manifest.webmanifest",
            "/assets/icon.svg",
            "/assets/icon-192.png",
            "/assets/icon-512.png",
            "/assets/passkey.js",
            "/assets/note.js",
            "/assets/live.js",
            "/assets/today.js",
            "/setup",
            "/invitation/{token}",
            "/patient/sign-up",
            "/{realm}/sign-in",
            "/oauth/authorize",
            "/{realm}/passkey/options",
            "/{realm}/federation/{name}",
            "/federation/return",
            "/patient/elsewhere/back",
            "/language",
            "/",
            "/visit",
            "/about",
            "/contact",
            "/status",
            "/privacy",
            "/protection",
            "/accessibility",
            "/design",
        ];
        assert_eq!(open, HashSet::from(expected));
    }
}
