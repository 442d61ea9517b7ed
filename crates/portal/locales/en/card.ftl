# The emergency card, and links that open something of a record without an account.
section-card = Emergency card
card-lead = A card for your purse or your phone. In an emergency, whoever scans it and has its PIN sees what counts, without an account: allergies, medicines, problems, blood group, implants, whom to call, what you have laid down, and what was measured last.
card-hides = What is marked as sensitive does not stand there, and nothing that you keep from everybody. If people who treat you in an emergency should know it, tell somebody whom they will call.
card-now = Your cards
card-made = Made on
card-opened = Opened last
card-never = Never
card-left = { $count ->
    [one] one more wrong PIN closes it
   *[other] { $count } more wrong PINs close it
}
card-dead = closed for good: a wrong PIN was typed ten times
card-show = Show and print
card-stop = Stop this card
card-new = Make a card
card-days = How long it is good
card-days-90 = Three months
card-days-365 = One year
card-days-1096 = Three years
card-pin = A PIN of your own
card-pin-hint = At least six digits, no rows and no birth date. Leave it empty and we choose one: that is safer.
card-make = Make the card
card-ready = Your card is ready
card-pin-once = The PIN is shown this once and kept nowhere.
card-pin-apart = Learn it by heart, and tell it to whom others will call. Never write it on the card.
card-pin-gone = The PIN was shown when this was made. It is kept nowhere: if nobody knows it any more, make a new one and stop this one.
card-print = Print this page. Cut out the card, and keep it apart from the slip with the PIN.
card-use = In an emergency: scan this, then type the PIN.
card-ask-pin = The PIN knows: { $name }
card-good-until = Good until { $when }
card-qr = QR code
card-address = The same as an address
card-back = Back
link-ready = Your link is ready
link-again = A link that you share
link-send = Show this QR code to whom it is for, or send them the address below.
link-pin-apart = Tell it to them in another way than the link: by phone, or in person.
link-share = Shared with you
link-lead-card = Behind this PIN stands what counts in an emergency about the person whose card this is.
link-lead-share = A patient shares a part of their health record with you, without an account.
link-lead-pin = Type the PIN that goes with it. The patient has it, or somebody whom they told.
link-lead-log = Each opening and each wrong PIN stands in the patient's list of who looked, and the patient is told.
link-pin = PIN
link-from = Your name or place
link-from-hint = The patient reads it.
link-open = Open
link-wrong = { $count ->
    [one] This PIN is not right. With one more wrong PIN this is closed for good.
   *[other] This PIN is not right. With { $count } more wrong PINs this is closed for good.
}
link-gone = This does not open
link-gone-why = It is over, the patient has stopped it, or a wrong PIN was typed too often.
link-gone-do = Ask the patient, or their family, for a new one. If you treat the patient in an emergency, the clinic that keeps this record can open it.
link-partly = The patient may have kept something out. That something does not stand here does not mean that there is nothing.
link-empty = There is nothing in what was shared, or it is kept back by now. Ask the patient.
link-look = Look at it
link-look-alone = This document may be looked at here. It was not shared to be downloaded.
link-back = Back to all
link-show = Show the QR code
link-opened-last = Opened last on { $when }
link-never-opened = Never opened yet
share-by-link = By link or QR code, with a PIN
share-pin = For a link: a PIN of your own
share-pin-hint = Only for a link or QR code.
deed-link-opened = Opened a card or a link with its PIN
deed-link-seen = Was shown what a card or a link opens
deed-link-document = Looked at a document by a link
deed-link-pin = Typed a wrong PIN for a card or a link
deed-link-made = Made a card or a link
deed-link-ended = Stopped a card or a link
role-emergency-card = No account: had the emergency card
role-health-link = No account: had a link
who-emergency-card = Somebody with the emergency card
who-health-link = Somebody with a link
who-says = { $who }, says: { $name }
my-card-lead = for your purse or your phone, with a PIN
card-phone = For your phone: take a picture of this
