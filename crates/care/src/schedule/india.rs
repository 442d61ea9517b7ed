//! India's Universal Immunization Programme: the National Immunization Schedule of the Ministry of Health and Family Welfare with its third
//! fractional dose of IPV (2023), which is named with its ages at <https://nhm.gov.in> and in the programme's handbook for medical officers.
//!
//! The schedule names a week, or a span of months, for each dose and the age until which it is given. It names no day on which a dose is
//! overdue: here that is four weeks after the named week, or the end of the named span. Where it is silent on intervals, they are those
//! of WHO's position papers: four weeks in a primary series, six months before a booster against diphtheria.

use super::{
    Vaccine,
    codes::Part,
    rule::{
        Label::{Birth, Booster, Nth},
        Rule, Series, dose, series,
    },
    span::{days, months, weeks, years},
};

const MONTH: super::span::Span = weeks(4);

/// A dose of the first weeks: due that week, overdue four weeks later, and four weeks after the one before.
const fn infant(week: i16) -> Rule {
    dose(Nth, weeks(week), weeks(week)).latest(weeks(week + 4))
}

/// All series.
pub(super) const SERIES: &[Series] = &[
    series(Vaccine::Bcg, &[Part::Bcg], &[dose(Birth, days(0), days(0)).latest(weeks(4)).before(years(1))]),
    Series {
        alone: true,
        ..series(Vaccine::HepBBirth, &[Part::HepB], &[dose(Birth, days(0), days(0)).before(days(2))])
    },
    series(
        Vaccine::Opv,
        &[Part::Opv],
        &[
            dose(Birth, days(0), days(0)).before(days(16)).optional(),
            infant(6).before(years(5)),
            infant(10).after(MONTH).before(years(5)),
            infant(14).after(MONTH).before(years(5)),
            dose(Booster, months(16), months(16)).latest(months(24)).after(MONTH).before(years(5)),
        ],
    ),
    Series {
        start: (days(0), Some(years(1))),
        ..series(
            Vaccine::Pentavalent,
            &[Part::Dtp],
            &[
                infant(6).before(years(1)),
                infant(10).after(MONTH).before(years(7)),
                infant(14).after(MONTH).before(years(7)),
                first_booster(),
                second_booster(),
            ],
        )
    },
    // Who was not begun in the first year gets DPT, without the parts that infants need.
    Series {
        start: (years(1), None),
        ..series(
            Vaccine::Dpt,
            &[Part::Dtp],
            &[
                dose(Nth, years(1), years(1)).latest(years(1)).before(years(7)),
                dose(Nth, years(1), years(1)).latest_after_month(),
                dose(Nth, years(1), years(1)).latest_after_month(),
                first_booster(),
                second_booster(),
            ],
        )
    },
    series(
        Vaccine::Fipv,
        &[Part::Ipv],
        &[
            infant(6).before(years(1)),
            // A whole dose at ten weeks, as a vaccine of six parts has it, counts as well.
            infant(14)
                .least(weeks(10).less(days(4)))
                .after_least(weeks(8), MONTH.less(days(4)))
                .before(years(2)),
            dose(Nth, months(9), months(9)).latest(months(12)).after(weeks(8)).before(years(2)),
        ],
    ),
    series(
        Vaccine::Pcv,
        &[Part::Pcv],
        &[
            infant(6).before(years(1)),
            infant(14)
                .least(weeks(10).less(days(4)))
                .after_least(weeks(8), MONTH.less(days(4)))
                .before(years(2)),
            dose(Booster, months(9), months(9)).latest(months(12)).after(weeks(8)).before(years(2)),
        ],
    ),
    series(
        Vaccine::Rota,
        &[Part::Rota],
        &[
            infant(6).before(years(1)),
            infant(10).after(MONTH).before(years(2)),
            infant(14).after(MONTH).before(years(2)),
        ],
    ),
    Series {
        live: true,
        ..series(
            Vaccine::Mr,
            &[Part::Mr],
            &[
                dose(Nth, months(9), months(9)).latest(months(12)).before(years(5)),
                dose(Nth, months(16), months(16))
                    .least(months(12).less(days(4)))
                    .latest(months(24))
                    .after(MONTH)
                    .before(years(5)),
            ],
        )
    },
    series(
        Vaccine::Td,
        &[Part::Td, Part::Tdap],
        &[
            dose(Nth, years(10), years(10)).latest(years(11)),
            dose(Nth, years(16), years(16)).latest(years(17)).after(MONTH),
        ],
    ),
];

const fn first_booster() -> Rule {
    let rule = dose(Booster, months(16), months(16)).of(Vaccine::Dpt).latest(months(24));
    rule.after(months(6)).before(years(7))
}

const fn second_booster() -> Rule {
    let rule = dose(Booster, years(5), years(5)).of(Vaccine::Dpt).latest(years(6));
    rule.after(months(6)).before(years(7))
}

impl Rule {
    /// Four weeks after the dose before, and overdue four weeks later.
    const fn latest_after_month(self) -> Rule {
        self.after(MONTH).latest_after(weeks(8)).before(years(7))
    }
}
