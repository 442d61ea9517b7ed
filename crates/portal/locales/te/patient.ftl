hello = నమస్కారం, { $name }
next = ఇప్పుడు చేయవలసినది
next-requests = { $count ->
    [one] ఒకరు మీ రికార్డు చూడాలని అడుగుతున్నారు. జవాబు ఇవ్వండి.
   *[other] { $count } మంది మీ రికార్డు చూడాలని అడుగుతున్నారు. జవాబు ఇవ్వండి.
}
next-appointment = మీ తర్వాతి అపాయింట్‌మెంట్: { $when }.
my-results = పరీక్ష ఫలితాలు
my-results-count = { $count ->
    [0] ఇంకా ఏవీ లేవు
    [one] ఒక రకం కొలత
   *[other] { $count } రకాల కొలతలు
}
my-medicines = మందులు
my-medicines-count = { $count ->
    [0] ఇప్పుడు ఏవీ లేవు
    [one] ఇప్పుడు ఒకటి
   *[other] ఇప్పుడు { $count }
}
my-visits = సందర్శనలు
my-visits-count = { $count ->
    [0] ఇంకా ఏవీ లేవు
    [one] ఒక సందర్శన
   *[other] { $count } సందర్శనలు
}
my-notes = నోట్లు
my-notes-count = { $count ->
    [0] ఇంకా ఏవీ లేవు
    [one] ఒక నోటు
   *[other] { $count } నోట్లు
}
my-documents = పత్రాలు
my-documents-count = { $count ->
    [0] ఇంకా ఏవీ లేవు
    [one] ఒక పత్రం
   *[other] { $count } పత్రాలు
}
my-problems = సమస్యలు, అలర్జీలు
my-problems-count = { $count ->
    [0] ఇప్పుడు సమస్యలు లేవు
    [one] ఇప్పుడు ఒక సమస్య
   *[other] ఇప్పుడు { $count } సమస్యలు
}
my-immunizations = టీకాలు
my-immunizations-count = { $count ->
    [0] ఏవీ నమోదు కాలేదు
    [one] ఒకటి నమోదైంది
   *[other] { $count } నమోదయ్యాయి
}
my-sharing = నా రికార్డు ఎవరు చూస్తారు
my-sharing-lead = అభ్యర్థనలు, కుటుంబం, అనుమతులు
my-viewers-lead = ప్రతిసారి ఎవరు, ఎందుకు చూశారు
