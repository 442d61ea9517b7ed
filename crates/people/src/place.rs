//! The three hospitals and the neighbourhoods their patients live in. Streets and numbers are made up.

use crate::dice::Dice;
use crate::house::staff::Job;
use crate::value::object;
use serde_json::Value;

/// A hospital of the demo network and the country it stands in.
pub(crate) struct Hospital {
    pub(crate) name: &'static str,
    pub(crate) slug: &'static str,
    pub(crate) street: &'static str,
    pub(crate) city: &'static str,
    pub(crate) district: &'static str,
    pub(crate) state: &'static str,
    pub(crate) postal: &'static str,
    pub(crate) country: &'static str,
    pub(crate) offset: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) jobs: &'static [Job],
    pub(crate) near: &'static [Locality],
    pub(crate) streets: &'static [&'static str],
}

/// A neighbourhood with its postal code, in a town of its own or the hospital's.
pub(crate) struct Locality {
    name: &'static str,
    city: &'static str,
    postal: &'static str,
}

const fn locality(name: &'static str, city: &'static str, postal: &'static str) -> Locality {
    Locality { name, city, postal }
}

/// Hyderabad: the teaching hospital that others refer to.
pub(crate) const LAKESIDE: usize = 0;
/// Siddipet: the district town.
pub(crate) const DISTRICT: usize = 1;
/// Tucson.
pub(crate) const SAGUARO: usize = 2;

/// The network.
pub(crate) static HOSPITALS: [Hospital; 3] = [
    Hospital {
        name: "Lakeside Teaching Hospital",
        slug: "lakeside",
        street: "12 Tank Bund Road",
        city: "Hyderabad",
        district: "Hyderabad",
        state: "Telangana",
        postal: "500003",
        country: "IN",
        offset: "+05:30",
        currency: "INR",
        phone: "+91 40 0000 1000",
        jobs: &Job::ALL,
        near: &[
            locality("Ameerpet", "Hyderabad", "500016"),
            locality("Kukatpally", "Hyderabad", "500072"),
            locality("Banjara Hills", "Hyderabad", "500034"),
            locality("Dilsukhnagar", "Hyderabad", "500060"),
            locality("Mehdipatnam", "Hyderabad", "500028"),
            locality("Uppal", "Hyderabad", "500039"),
            locality("Gachibowli", "Hyderabad", "500032"),
            locality("Marredpally", "Secunderabad", "500026"),
        ],
        streets: &[
            "Temple Street",
            "Station Road",
            "Market Lane",
            "Gandhi Road",
            "School Street",
            "Lake View Colony",
        ],
    },
    Hospital {
        name: "Siddipet District Hospital",
        slug: "siddipet",
        street: "Medak Road",
        city: "Siddipet",
        district: "Siddipet",
        state: "Telangana",
        postal: "502103",
        country: "IN",
        offset: "+05:30",
        currency: "INR",
        phone: "+91 8457 000 100",
        jobs: &Job::DISTRICT,
        near: &[
            locality("Bharat Nagar", "Siddipet", "502103"),
            locality("Ganesh Nagar", "Siddipet", "502103"),
            locality("Main Bazar", "Gajwel", "502278"),
            locality("Bus Stand Road", "Dubbak", "502108"),
            locality("Village Centre", "Husnabad", "505467"),
        ],
        streets: &["Main Road", "Tank Road", "Gram Panchayat Street", "Mosque Street", "Old Bus Stand"],
    },
    Hospital {
        name: "Saguaro Valley Medical Center",
        slug: "saguaro",
        street: "2200 Ocotillo Parkway",
        city: "Tucson",
        district: "Pima",
        state: "AZ",
        postal: "85719",
        country: "US",
        offset: "-07:00",
        currency: "USD",
        phone: "+1 520 555 0100",
        jobs: &Job::ALL,
        near: &[
            locality("", "Tucson", "85701"),
            locality("", "Tucson", "85705"),
            locality("", "Tucson", "85710"),
            locality("", "Tucson", "85745"),
            locality("", "Marana", "85653"),
            locality("", "Sahuarita", "85629"),
        ],
        streets: &[
            "Cholla Drive",
            "Palo Verde Avenue",
            "Mesquite Street",
            "Javelina Way",
            "Rincon Road",
            "Ironwood Court",
        ],
    },
];

/// Where a household lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home {
    house: usize,
    near: usize,
    street: usize,
    number: i32,
    door: i32,
}

impl Home {
    /// A home in the neighbourhoods of hospital `house`.
    pub(crate) fn near(house: usize, dice: &mut Dice) -> Home {
        let hospital = &HOSPITALS[house];
        Home {
            house,
            near: dice.below(hospital.near.len()),
            street: dice.below(hospital.streets.len()),
            number: dice.range(1, 990),
            door: dice.range(1, 240),
        }
    }

    /// As a FHIR Address of that use.
    pub(crate) fn address(&self, use_: &str) -> Value {
        let hospital = &HOSPITALS[self.house];
        let (near, street) = (&hospital.near[self.near], hospital.streets[self.street]);
        let (first, second) = if hospital.country == "IN" {
            (format!("H.No. {}-{}, {street}", self.number % 20 + 1, self.door), near.name)
        } else {
            (format!("{} {street}", self.number * 10 + self.door % 10), "")
        };
        let mut lines = vec![first];
        if !second.is_empty() {
            lines.push(second.to_owned());
        }
        object!({
            "use": use_,
            "type": "both",
            "line": lines,
            "city": near.city,
            "district": hospital.district,
            "state": hospital.state,
            "postalCode": near.postal,
            "country": hospital.country,
        })
    }
}

/// [`phone`] as a ContactPoint of that use.
pub(crate) fn telecom(house: usize, number: i32, use_: &str) -> Value {
    object!({"system": "phone", "value": phone(house, number), "use": use_})
}

/// A telephone number that nobody can have: `+91 00000 …`, or 555-01xx.
pub(crate) fn phone(house: usize, number: i32) -> String {
    if HOSPITALS[house].country == "IN" {
        format!("+91 00000 {:05}", number % 100_000)
    } else {
        format!("+1 520 555 01{:02}", number % 100)
    }
}
