# What a house says of itself.
foot-about = About
foot-contact = Contact
foot-status = Status
place-pages = Public pages
own-about = About this house
own-mission = What it is for
own-contact = How to reach it
own-grievance = Complaints and data protection
own-privacy = Privacy: what this house adds
own-accessibility = Accessibility: whom to tell
own-lead = What anybody may read about your house, without signing in. Write it in each language; where a language has nothing, readers are shown another one, and told so.
own-lead-instead = Readers see this in place of what is built in. Leave it empty to bring that back.
own-lead-added = Readers see this below what is built in, which stays. Leave it empty to say nothing more.
own-title = { $part } ({ $language })
own-text = Text
own-hint = Plain text, at most 4000 characters. An empty line begins a new paragraph.
own-read = Read the page
own-written = written by you
own-built-in = as it is built in
own-saved = It is saved, and stands on the page now.
own-meanwhile = { $name } has changed this text meanwhile, so yours is not saved yet, and nothing is lost. Put the text below right, and save.
own-theirs = What { $name } wrote
own-yours = Your text
own-other-language = This house has not written this in your language; here it is in { $language }:
typed-text = Text

about-1 = This is a server for health records. The clinic that runs it has not written about itself yet.
about-2 = It runs Keepwell, a program that anybody may read, check and run.
mission-1 = A safe home for health records: encrypted, opened only to who may see them, with every look written down.
contact-1 = The clinic that runs this server has not written yet how to reach it. Ask at its front desk.
grievance-1 = To complain, to have something corrected, or about your data: speak with the clinic that runs this server. It answers for your data.
grievance-2 = Where a look at your record seems wrong, say so in the list of who looked: somebody who answers for privacy must answer you.
status-1 = This server answers.
status-version = It runs Keepwell { $version }.
status-since = It has run since { $since }.
status-demo = It is a demonstration: everybody in it is made up.

protect-set = How this server is set up
protect-reach-tls = What travels between your browser and this server is encrypted (TLS).
protect-reach-proxy = A server in front of this one is to encrypt what travels between your browser and it, as the settings say. Your browser shows whether it does.
protect-reach-machine = This server answers browsers on its own machine alone. So nothing travels over a network.
protect-factor-app = The second factor is a code from an authenticator app. There are recovery codes for when the app is lost.
protect-factor-passkeys = The second factor is a passkey, or a code from an authenticator app. There are recovery codes for when both are lost.
protect-factor-sent = Patients may have a code sent to them in place of an app.
protect-idle = A session that is not used comes to an end: after { $patients } minutes for patients, and after { $staff } minutes for staff.
protect-key-file = The root key that opens all others lies in a file of its own, outside the data.
protect-key-passphrase = The root key that opens all others comes from a passphrase; it is not stored with the data.
protect-glass-hours = { $count ->
    [one] In an emergency a clinician may open a record for 1 hour at most: the patient is told, and somebody else reviews it.
   *[other] In an emergency a clinician may open a record for { $count } hours at most: the patient is told, and somebody else reviews it.
}
protect-glass-minutes = { $count ->
    [one] In an emergency a clinician may open a record for 1 minute at most: the patient is told, and somebody else reviews it.
   *[other] In an emergency a clinician may open a record for { $count } minutes at most: the patient is told, and somebody else reviews it.
}
protect-scanner = A virus scanner looks at every file before it is kept.
protect-no-scanner = No virus scanner is set up: what a file is, is read from it, and programs are refused.
protect-demo = This is a demonstration: everybody in it is made up. Do not enter anything about real people.
