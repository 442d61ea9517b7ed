# A record that is brought from another server, and the list of such servers.
section-elsewhere = Bring a record
my-elsewhere-lead = from another hospital or clinic
place-elsewhere = Other servers
elsewhere-lead = If another hospital or clinic keeps a health record of this person, you can bring a copy of it here. You see what came before any of it enters.
elsewhere-from = Where from
elsewhere-none = No other server is listed here yet. Ask whoever runs this place to list the one where the record is.
elsewhere-how = You go to the other server, sign in there as you do there, and allow that this house reads the record. Then you come back here.
elsewhere-once = The access is used once, for this one copy, and is not kept. What changes there later comes when you bring it again.
elsewhere-go = Bring the record from { $house }
elsewhere-returned = You were at the other server, for a health record. Go on to see what it gives.
elsewhere-coming = The record from { $house } is on its way
elsewhere-coming-lead = This can take a few minutes. You may close this page; what came waits here for one hour.
elsewhere-look-again = Look again
elsewhere-lost = Nothing came from { $house }
elsewhere-forget = Close this message
elsewhere-came = What came from { $house }
elsewhere-came-lead = None of it has entered this record yet. It waits for your word for one hour, locked, and then it is gone.
elsewhere-whose = Whose record it is
elsewhere-here = This record
elsewhere-unlike = Name or date of birth differ, or are not recorded. Look closely: a record of somebody else does not belong here.
elsewhere-same = I have looked at both: this is the same person.
elsewhere-tick = Nothing has entered. Look at name and date of birth; if this is the same person, say so by the tick.
elsewhere-nothing = There is nothing in it that could enter.
elsewhere-is-new = New
elsewhere-is-changed = Changed there since you brought it
elsewhere-is-same = Here already, unchanged
elsewhere-is-kept = Changed here since you brought it; it stays as it is here
elsewhere-twice = Here already, from somewhere else
elsewhere-twice-lead = Both will stand side by side, each with where it comes from. Your clinic can say which of them still holds.
elsewhere-missing = What does not enter, and why
elsewhere-left = These kinds are not taken over:
elsewhere-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}
elsewhere-everything = Everything at once
elsewhere-enter = Put it into this record
elsewhere-drop = Do not take it
elsewhere-new = { $count ->
    [0] Nothing new entered.
    [one] One entry is new in this record.
   *[other] { $count } entries are new in this record.
}
elsewhere-changed = { $count ->
    [0] No entry changed.
    [one] One entry was brought up to date.
   *[other] { $count } entries were brought up to date.
}
elsewhere-brought = What you have brought
elsewhere-brought-none = Nothing has been brought yet.
elsewhere-brought-lead = It is marked on every page with where it comes from. If it should not be here, put it away: it goes from all pages, and only its history stays.
elsewhere-remove = Put away what came from { $house }
elsewhere-gone = { $count ->
    [0] There was nothing to put away.
    [one] One entry was put away.
   *[other] { $count } entries were put away.
}
elsewhere-stays = { $count ->
    [one] One entry was changed here since and stays.
   *[other] { $count } entries were changed here since and stay.
}
brought-from = from { $house }
elsewhere-why-unreachable = The other server did not answer.
elsewhere-why-late = The other server took too long.
elsewhere-why-refused = The other server does not give it.
elsewhere-why-missing = The other server does not have it.
elsewhere-why-fault = The other server answered with an error.
elsewhere-why-too-long = It is too large.
elsewhere-why-unreadable = The answer could not be read.
elsewhere-why-elsewhere = The answer leads to another address, which is not asked.
elsewhere-why-too-many = There was more than is taken at once.
elsewhere-why-not-theirs = It is about somebody else.
elsewhere-why-draft = It is a draft that nobody has signed.
elsewhere-why-rules = It is to be read by rules that are not known here.
elsewhere-why-broken = It breaks the rules of FHIR R4.
elsewhere-why-file-kind = This kind of file is not taken.
elsewhere-why-malware = The virus scanner found something in the file.
elsewhere-why-not-taken = This house did not take it.
elsewhere-why-scanner = The virus scanner of this house does not answer, so nothing was kept. Try again in a few minutes.
elsewhere-why-busy = Too many records are being brought at this moment. Try again in a few minutes.
kind-careplan = Plan
kind-careteam = Care team
kind-clinicalimpression = Assessment
kind-deviceusestatement = Device
kind-familymemberhistory = Family history
kind-goal = Goal
kind-imagingstudy = Imaging
kind-medicationadministration = Medicine that was given
kind-medicationdispense = Medicine that was handed out
kind-medicationstatement = Medicine that is taken
kind-nutritionorder = Diet
kind-observation = Measurement
kind-questionnaireresponse = Answers to questions
kind-riskassessment = Risk
kind-servicerequest = Order
deed-brought = Brought a record from another server
deed-put-away = Put away what was brought from another server
deed-elsewhere = Fetched a record from another server
deed-elsewhere-look = Looked at what came from another server
houses-listed = Listed servers
houses-lead = Patients can bring their record from these. Nobody can make this house ask any other.
houses-none = No server is listed yet.
houses-client = Our id there: { $id }
houses-signs-in = Its people sign in at { $address }
houses-remove = Take { $name } off the list
houses-new = List another server
houses-new-lead = It must speak FHIR R4 and let patients' apps read (SMART App Launch). Before it is listed, this house asks it how people sign in there.
houses-name = What patients call it
houses-name-hint = For example: City Hospital
houses-base = Address of its FHIR API
houses-base-hint = For example: https://there.example/fhir/R4
houses-sign-in = Where its people sign in
houses-sign-in-hint = Only where that is another address than the one above.
houses-id = Our id there (client_id)
houses-id-hint = Leave it empty to have this house register itself, where the other server allows that.
houses-secret = Our secret there
houses-secret-hint = Only if the other server gave one. It is kept sealed.
houses-scope = What is asked for
houses-scope-hint = Leave it empty for launch/patient patient/*.rs
houses-list = Ask it, and list it
