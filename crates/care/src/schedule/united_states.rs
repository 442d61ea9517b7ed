//! The routine schedule for children in the United States, with the ages and intervals of CDC's
//! [CDSi supporting data](https://www.cdc.gov/iis/cdsi/index.html) (series for healthy children, as of 2025), which are those that the American
//! Academy of Pediatrics recommends on. What CDC's own list has asked for since then is decided with a clinician, and is not followed here.
//!
//! One series each: what CDSi has beside it for other products, risks and late beginners above the ages named here is left to people.

use super::{
    Vaccine,
    codes::Part,
    rule::{
        Label::{self, Nth},
        Rule, Series,
        Skip::{BegunAt, GivenAt, LastAt, Only},
        dose, series,
    },
    span::{Span, days, months, weeks, years},
};
use jiff::civil::date;

const MONTH: Span = weeks(4);

/// Past due four weeks after that age.
const fn and_month(age: Span) -> Option<Span> {
    Some(age.and(MONTH))
}

/// The three doses of infancy that most series have: at two, four and six months.
const fn infant(nth: i16) -> Rule {
    let label: Label = Nth;
    match nth {
        1 => Rule { latest: and_month(months(3)), ..dose(label, weeks(6), months(2)) },
        2 => Rule { latest: and_month(months(5)), ..dose(label, weeks(10), months(4)) }.after(MONTH),
        _ => Rule { latest: and_month(months(7)), ..dose(label, weeks(14), months(6)) }.after(MONTH),
    }
}

/// The last dose of Hib and PCV, in the second year.
const fn toddler() -> Rule {
    Rule { latest: and_month(months(16)), ..dose(Nth, months(12), months(12)) }.after(weeks(8))
}

/// All series.
pub(super) const SERIES: &[Series] = &[
    series(
        Vaccine::HepB,
        &[Part::HepB],
        &[
            dose(Nth, days(0), days(0)).latest(MONTH),
            Rule { latest: and_month(months(3)), ..dose(Nth, weeks(4), months(1)) }.after(MONTH),
            Rule { latest: and_month(months(19)), ..dose(Nth, weeks(24), months(6)) }
                .after(weeks(8))
                .since_first(weeks(16)),
        ],
    ),
    series(
        Vaccine::Rota,
        &[Part::Rota],
        &[
            Rule { latest: None, ..infant(1) }.before(weeks(15)),
            infant(2).before(months(8)),
            infant(3).before(months(8)).skip(&[Only("119")]),
        ],
    ),
    series(
        Vaccine::Dtap,
        &[Part::Dtp],
        &[
            infant(1).before(years(7)),
            infant(2).before(years(7)),
            infant(3).before(years(7)),
            Rule { latest: and_month(months(19)), ..dose(Nth, months(12), months(15)) }
                .after_least(months(6), months(4))
                .before(years(7)),
            dose(Nth, years(4), years(4))
                .latest(years(7))
                .after(months(6))
                .before(years(7))
                .skip(&[LastAt(years(4), months(6))]),
        ],
    ),
    series(
        Vaccine::Hib,
        &[Part::Hib],
        &[
            infant(1).before(years(5)),
            infant(2).before(years(5)).skip(&[GivenAt(months(12), 1)]),
            infant(3).before(years(5)).skip(&[GivenAt(months(12), 1), BegunAt(months(7)), Only("49")]),
            toddler().before(years(5)).skip(&[GivenAt(months(15), 1), GivenAt(months(12), 2)]),
        ],
    ),
    series(
        Vaccine::Pcv,
        &[Part::Pcv],
        &[
            infant(1).before(years(5)),
            infant(2).before(years(5)).skip(&[GivenAt(months(12), 1)]),
            infant(3).before(years(5)).skip(&[GivenAt(months(12), 1), BegunAt(months(7))]),
            toddler().before(years(5)).skip(&[GivenAt(years(2), 1), GivenAt(months(12), 2)]),
        ],
    ),
    Series {
        // Since then the oral vaccine lacks one of the three types.
        outdated: Some((Part::Opv, date(2016, 4, 1))),
        ..series(
            Vaccine::Ipv,
            &[Part::Ipv, Part::Opv, Part::Polio],
            &[
                infant(1).before(years(18)),
                infant(2).before(years(18)),
                Rule { latest: and_month(months(19)), ..infant(3) }.before(years(18)),
                Rule { latest: and_month(years(7)), ..dose(Nth, years(4), years(4)) }
                    .after(months(6))
                    .before(years(18))
                    .skip(&[LastAt(years(4), months(6))]),
            ],
        )
    },
    Series {
        live: true,
        ..series(
            Vaccine::Mmr,
            &[Part::Mumps],
            &[
                Rule { latest: and_month(months(16)), ..dose(Nth, months(12), months(12)) },
                Rule { latest: and_month(years(7)), ..dose(Nth, months(13), years(4)) }.after(MONTH),
            ],
        )
    },
    Series {
        live: true,
        ..series(
            Vaccine::Varicella,
            &[Part::Varicella],
            &[
                Rule { latest: and_month(months(16)), ..dose(Nth, months(12), months(12)) },
                Rule { latest: and_month(years(7)), ..dose(Nth, months(15), years(4)) }
                    .least(months(13).less(days(4)))
                    .after_least(weeks(12), MONTH),
            ],
        )
    },
    series(
        Vaccine::HepA,
        &[Part::HepA],
        &[
            Rule { latest: and_month(months(24)), ..dose(Nth, months(12), months(12)) },
            dose(Nth, months(18), months(18)).after(months(6)).latest_after(months(19).and(MONTH)),
        ],
    ),
    series(
        Vaccine::Tdap,
        &[Part::Tdap],
        &[Rule { latest: and_month(years(13)), ..dose(Nth, years(10), years(11)) }],
    ),
    series(
        Vaccine::MenAcwy,
        &[Part::MenAcwy],
        &[
            Rule { latest: and_month(years(13)), ..dose(Nth, years(10), years(11)) },
            Rule { latest: and_month(years(17)), ..dose(Nth, years(16), years(16)) }
                .after(weeks(8))
                .skip(&[GivenAt(years(16), 1)]),
        ],
    ),
    Series {
        start: (days(0), Some(years(15))),
        ..series(
            Vaccine::Hpv,
            &[Part::Hpv],
            &[
                Rule { latest: and_month(years(13)), ..dose(Nth, years(9), years(11)) },
                dose(Nth, years(9).and(months(5)), years(11).and(months(6)))
                    .after(months(5))
                    .latest_after(months(13).and(MONTH)),
            ],
        )
    },
    // Who begins later needs three.
    Series {
        start: (years(15), None),
        ..series(
            Vaccine::Hpv,
            &[Part::Hpv],
            &[
                dose(Nth, years(9), years(11)).latest(years(13).and(MONTH)),
                dose(Nth, years(15), years(15)).after(MONTH).latest_after(weeks(13)),
                dose(Nth, years(15), years(15))
                    .after(weeks(12))
                    .since_first(months(5))
                    .latest_after(months(6)),
            ],
        )
    },
];
