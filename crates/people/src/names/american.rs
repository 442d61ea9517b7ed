//! American names: English, Spanish and Vietnamese.

use super::{Names, Word, latin};

pub(crate) const ENGLISH: Names =
    Names { families: &ENGLISH_FAMILIES, women: &ENGLISH_WOMEN, men: &ENGLISH_MEN };
pub(crate) const SPANISH: Names =
    Names { families: &SPANISH_FAMILIES, women: &SPANISH_WOMEN, men: &SPANISH_MEN };
pub(crate) const VIETNAMESE: Names =
    Names { families: &VIETNAMESE_FAMILIES, women: &VIETNAMESE_WOMEN, men: &VIETNAMESE_MEN };

static ENGLISH_FAMILIES: [Word; 24] = [
    latin("Harrington"),
    latin("Whitaker"),
    latin("Okafor"),
    latin("Brooks"),
    latin("Delaney"),
    latin("Prescott"),
    latin("O'Connell"),
    latin("Washington"),
    latin("Lindqvist"),
    latin("Carver"),
    latin("Beckett"),
    latin("Fairchild"),
    latin("Kowalski"),
    latin("McAllister"),
    latin("Jefferson"),
    latin("Sutton"),
    latin("Abernathy"),
    latin("Van Dyke"),
    latin("Tsosie"),
    latin("Holloway"),
    latin("Stein"),
    latin("Redmond"),
    latin("Pruitt"),
    latin("Baptiste"),
];

static ENGLISH_WOMEN: [Word; 22] = [
    latin("Emily"),
    latin("Grace"),
    latin("Olivia"),
    latin("Hannah"),
    latin("Margaret"),
    latin("Dorothy"),
    latin("Ruth"),
    latin("Denise"),
    latin("Keisha"),
    latin("Aaliyah"),
    latin("Charlotte"),
    latin("Nora"),
    latin("Evelyn"),
    latin("Shirley"),
    latin("Patricia"),
    latin("Janet"),
    latin("Megan"),
    latin("Zoë"),
    latin("Ava"),
    latin("Harper"),
    latin("Tanya"),
    latin("Carol"),
];

static ENGLISH_MEN: [Word; 22] = [
    latin("James"),
    latin("Walter"),
    latin("Harold"),
    latin("Marcus"),
    latin("Ethan"),
    latin("Noah"),
    latin("Liam"),
    latin("Darnell"),
    latin("Eugene"),
    latin("Russell"),
    latin("Philip"),
    latin("Owen"),
    latin("Gregory"),
    latin("Leonard"),
    latin("Jamal"),
    latin("Theodore"),
    latin("Samuel"),
    latin("Caleb"),
    latin("Elijah"),
    latin("Frank"),
    latin("Dennis"),
    latin("Ray"),
];

static SPANISH_FAMILIES: [Word; 16] = [
    latin("García"),
    latin("Martínez"),
    latin("López"),
    latin("Hernández"),
    latin("Ramírez"),
    latin("Núñez"),
    latin("Ortega"),
    latin("Castillo"),
    latin("Villalobos"),
    latin("Quintero"),
    latin("Salazar"),
    latin("Montoya"),
    latin("Figueroa"),
    latin("Ibarra"),
    latin("Peña"),
    latin("Valenzuela"),
];

static SPANISH_WOMEN: [Word; 12] = [
    latin("María"),
    latin("Guadalupe"),
    latin("Sofía"),
    latin("Lucía"),
    latin("Elena"),
    latin("Rosa"),
    latin("Carmen"),
    latin("Isabel"),
    latin("Camila"),
    latin("Ximena"),
    latin("Beatriz"),
    latin("Alma"),
];

static SPANISH_MEN: [Word; 12] = [
    latin("José"),
    latin("Miguel"),
    latin("Ángel"),
    latin("Jesús"),
    latin("Carlos"),
    latin("Mateo"),
    latin("Diego"),
    latin("Raúl"),
    latin("Héctor"),
    latin("Luis"),
    latin("Santiago"),
    latin("Andrés"),
];

static VIETNAMESE_FAMILIES: [Word; 5] =
    [latin("Nguyen"), latin("Tran"), latin("Pham"), latin("Le"), latin("Vo")];

static VIETNAMESE_WOMEN: [Word; 6] =
    [latin("Linh"), latin("Mai"), latin("Thuy"), latin("Hoa"), latin("Lan"), latin("Anh")];

static VIETNAMESE_MEN: [Word; 6] =
    [latin("Minh"), latin("Tuan"), latin("Duc"), latin("Khoa"), latin("Long"), latin("Bao")];
