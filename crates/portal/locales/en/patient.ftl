# The patient's own pages.
hello = Hello, { $name }
next = What comes next
next-requests = { $count ->
    [one] One person asks to see your record. Answer the request.
   *[other] { $count } people ask to see your record. Answer the requests.
}
next-appointment = Your next appointment is on { $when }.
my-results = Results
my-results-count = { $count ->
    [0] none yet
    [one] one kind of value
   *[other] { $count } kinds of values
}
my-medicines = Medicines
my-medicines-count = { $count ->
    [0] none now
    [one] one now
   *[other] { $count } now
}
my-visits = Visits
my-visits-count = { $count ->
    [0] none yet
    [one] one visit
   *[other] { $count } visits
}
my-notes = Notes
my-notes-count = { $count ->
    [0] none yet
    [one] one note
   *[other] { $count } notes
}
my-documents = Documents
my-documents-count = { $count ->
    [0] none yet
    [one] one document
   *[other] { $count } documents
}
my-problems = Problems and allergies
my-problems-count = { $count ->
    [0] no current problem
    [one] one current problem
   *[other] { $count } current problems
}
my-immunizations = Immunizations
my-immunizations-count = { $count ->
    [0] none recorded
    [one] one recorded
   *[other] { $count } recorded
}
my-sharing = Who sees my record
my-sharing-lead = requests, family, permissions
my-viewers-lead = every look, by whom and why
