//! Imaging: the order, the study with its series, and the radiologist's report.

use super::Chart;
use super::visit::At;
use crate::code::{Code, code, other};
use crate::house::staff::Job;
use crate::value::object;
use crate::value::{coding, concept, hl7, named, set, to};
use serde_json::Value;

/// What is taken, and of what.
pub(crate) struct Picture {
    pub(crate) modality: &'static Code,
    /// The SOP class of its instances.
    pub(crate) class: &'static str,
    pub(crate) report: &'static Code,
    pub(crate) site: &'static Code,
    pub(crate) title: &'static str,
    pub(crate) instances: i32,
}

const fn dicom(name: &'static str, display: &'static str) -> Code {
    code("http://dicom.nema.org/resources/ontology/DCM", name, display)
}

/// Digital radiography.
pub(crate) const XRAY: Code = dicom("DX", "Digital Radiography");
/// Ultrasound.
pub(crate) const ULTRASOUND: Code = dicom("US", "Ultrasound");
/// Mammography.
pub(crate) const MAMMOGRAM: Code = dicom("MG", "Mammography");

const XRAY_CLASS: &str = "1.2.840.10008.5.1.4.1.1.1.1";
const ULTRASOUND_CLASS: &str = "1.2.840.10008.5.1.4.1.1.6.1";
const MAMMOGRAM_CLASS: &str = "1.2.840.10008.5.1.4.1.1.1.2";

const fn picture(
    modality: &'static Code,
    class: &'static str,
    report: &'static Code,
    site: &'static Code,
    title: &'static str,
    instances: i32,
) -> Picture {
    Picture { modality, class, report, site, title, instances }
}

pub(crate) const CHEST: Picture =
    picture(&XRAY, XRAY_CLASS, &other::CHEST_XRAY_REPORT, &other::CHEST, "Chest X-ray, two views", 2);
pub(crate) const BREAST: Picture =
    picture(&MAMMOGRAM, MAMMOGRAM_CLASS, &other::MAMMOGRAM_REPORT, &other::BREAST, "Screening mammogram", 4);
pub(crate) const PELVIS: Picture =
    picture(&ULTRASOUND, ULTRASOUND_CLASS, &other::IMAGING_REPORT, &other::UTERUS, "Obstetric ultrasound", 6);
pub(crate) const ABDOMEN: Picture = picture(
    &ULTRASOUND,
    ULTRASOUND_CLASS,
    &other::IMAGING_REPORT,
    &other::ABDOMEN,
    "Abdominal ultrasound",
    5,
);
pub(crate) const HEART: Picture = picture(
    &ULTRASOUND,
    ULTRASOUND_CLASS,
    &other::IMAGING_REPORT,
    &other::HEART,
    "Transthoracic echocardiogram",
    8,
);
pub(crate) const FOREARM: Picture =
    picture(&XRAY, XRAY_CLASS, &other::IMAGING_REPORT, &other::FOREARM, "Forearm X-ray", 2);
pub(crate) const ANKLE: Picture =
    picture(&XRAY, XRAY_CLASS, &other::IMAGING_REPORT, &other::ANKLE, "Ankle X-ray", 3);
pub(crate) const CLAVICLE: Picture =
    picture(&XRAY, XRAY_CLASS, &other::IMAGING_REPORT, &other::CLAVICLE, "Clavicle X-ray", 2);
pub(crate) const HIP: Picture =
    picture(&XRAY, XRAY_CLASS, &other::IMAGING_REPORT, &other::HIP, "Hip X-ray", 2);

impl Chart<'_> {
    /// Takes the pictures and reports `finding`. Returns the report.
    pub(crate) fn image(&mut self, at: At, picture: &Picture, finding: &str) -> String {
        let doctor = self.doctor(at);
        let order = object!({
            "status": "completed",
            "intent": "order",
            "category": [concept(&IMAGING)],
            "code": object!({"coding": [coding(picture.report)], "text": picture.title}),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "authoredOn": at.plus(10).text(),
            "requester": named(&doctor.practitioner, &doctor.display),
            "bodySite": [concept(picture.site)],
        });
        let order = self.put(at.house, "ServiceRequest", order);
        let study = self.study(at, picture, &order);
        let study = self.put(at.house, "ImagingStudy", study);
        let radiologist = self.world.staff(at.house, Job::Radiology);
        let body = object!({
            "basedOn": [to(&order)],
            "status": "final",
            "category": [hl7("v2-0074", "RAD", "Radiology")],
            "code": object!({"coding": [coding(picture.report)], "text": picture.title}),
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "effectiveDateTime": at.plus(35).text(),
            "issued": at.plus(120).text(),
            "performer": [named(&radiologist.practitioner, &radiologist.display)],
            "imagingStudy": [to(&study)],
            "conclusion": finding,
        });
        self.put(at.house, "DiagnosticReport", body)
    }

    fn study(&mut self, at: At, picture: &Picture, order: &str) -> Value {
        let uid = self.uid();
        let modality = coding(picture.modality);
        let instances: Vec<Value> = (1..=picture.instances)
            .map(|number| {
                object!({
                    "uid": format!("{uid}.1.{number}"),
                    "sopClass": object!({
                        "system": "urn:ietf:rfc:3986",
                        "code": format!("urn:oid:{}", picture.class),
                    }),
                    "number": number,
                })
            })
            .collect();
        let mut study = object!({
            "identifier": [object!({"system": "urn:dicom:uid", "value": format!("urn:oid:{uid}")})],
            "status": "available",
            "modality": [modality.clone()],
            "subject": self.subject(),
            "encounter": to(&self.encounter(at)),
            "started": at.plus(35).text(),
            "basedOn": [to(order)],
            "numberOfSeries": 1,
            "numberOfInstances": picture.instances,
            "description": picture.title,
        });
        let series = Value::from([object!({
            "uid": format!("{uid}.1"),
            "number": 1,
            "modality": modality,
            "numberOfInstances": picture.instances,
            "bodySite": coding(picture.site),
            "started": at.plus(35).text(),
            "instance": instances,
        })]);
        set(&mut study, "series", Some(series));
        study
    }

    /// A DICOM UID made from a UUID, under 2.25.
    fn uid(&mut self) -> String {
        let hex: String = self.fresh().chars().filter(char::is_ascii_hexdigit).collect();
        format!("2.25.{}", u128::from_str_radix(&hex, 16).unwrap_or_default())
    }
}

const IMAGING: Code = crate::code::snomed("363679005", "Imaging");
