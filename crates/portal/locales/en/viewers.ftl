# Who looked at a record: every deed that the log tells of, in plain words.
section-viewers = Who looked
viewers-lead = Everybody who opened this record, changed it or tried to, with the newest first. The list cannot be changed: every line is signed. Your own looks are on it too.
viewers-none = There is nothing on this list.
viewers-older = Older lines
viewers-newest = Back to the newest lines
viewers-file = Download the whole list (CSV, for spreadsheets)
who = Who
who-all = Everybody and everything
who-people = People
who-machines = Apps and systems
when-zone = When ({ $zone })
role = Role
line = Line
things = About
outcome = Outcome
refused = was refused
failed = did not succeed
emergency = emergency
nobody-known = Somebody who was not known
deed-closed = This line cannot be read any more. Tell your clinic: somebody must look into it.
deed-chart = Opened the record
deed-read = Read
deed-document-look = Looked at a document
deed-document = Downloaded a document
deed-search = Searched and was shown
deed-history = Read earlier versions
deed-everything = Took a copy of the record
deed-change = Added or changed something
deed-share = Shared the record, or a part of it
deed-unshare = Stopped sharing
deed-note = Wrote a note
deed-note-signed = Signed a note
deed-note-error = Marked a note as entered in error
deed-upload = Added a document
deed-glass = Opened the record in an emergency, without being asked in
deed-glass-over = The emergency ended
deed-glass-review = Reviewed an emergency
deed-dispute = Said that a look was wrong
deed-dispute-answered = Answered about a look that was found wrong
deed-dispute-list = Read what somebody found wrong with a look
deed-changes = Read what was changed
deed-bring-back = Brought back an earlier version
deed-notify = Was told that something changed
deed-viewers = Read this list
deed-explain = Asked who may see what
deed-erase = Erased the record
deed-access = Asked for access or was given it
deed-proxy = Changed who acts for the patient
deed-link = Linked the record to an account, or ended that
deed-other = Did something else with the record
thing-patient = personal details
thing-results = { $count ->
    [one] one result
   *[other] { $count } results
}
thing-reports = { $count ->
    [one] one report
   *[other] { $count } reports
}
thing-documents = { $count ->
    [one] one document
   *[other] { $count } documents
}
thing-notes = { $count ->
    [one] one note
   *[other] { $count } notes
}
thing-visits = { $count ->
    [one] one visit
   *[other] { $count } visits
}
thing-problems = { $count ->
    [one] one problem
   *[other] { $count } problems
}
thing-allergies = { $count ->
    [one] one entry on allergies
   *[other] { $count } entries on allergies
}
thing-medicines = { $count ->
    [one] one medicine
   *[other] { $count } medicines
}
thing-immunizations = { $count ->
    [one] one immunization
   *[other] { $count } immunizations
}
thing-procedures = { $count ->
    [one] one procedure
   *[other] { $count } procedures
}
thing-appointments = { $count ->
    [one] one appointment
   *[other] { $count } appointments
}
thing-permissions = { $count ->
    [one] one permission
   *[other] { $count } permissions
}
thing-other = { $count ->
    [one] one other item
   *[other] { $count } other items
}
purpose-treat = Treatment
purpose-etreat = Treatment in an emergency
purpose-patrqt = At the patient's own wish
purpose-sysadmin = Running the system
purpose-hoperat = Running the clinic
purpose-hresch = Research
role-patient = Patient
role-proxy = Acts for the patient
role-physician = Physician
role-nurse = Nurse
role-front-desk = Front desk
role-pharmacist = Pharmacist
role-laboratory = Laboratory
role-administrator = Administrator
role-privacy-officer = Privacy officer
role-regulator = Regulator
role-researcher = Researcher
role-system-client = Another system
role-system = Another system
role-app = App
role-operator = Operator of the server
role-clinic = Staff
role-admin = Administration
dispute-this = this looks wrong
dispute-title = This looks wrong
dispute-lead = Name the line and say what is wrong. A privacy officer looks into it and answers within thirty days. The answer stands here.
dispute-line = Number of the line
dispute-text = What is wrong
dispute-send = Send
disputes-own = What you have asked about
dispute-about = Line { $line } ({ $name }), asked on { $on }
dispute-waits = It is being looked into. There is an answer by { $due }.
dispute-was-wrong = The privacy officer found that it was wrong:
dispute-was-right = The privacy officer found that it was right:
