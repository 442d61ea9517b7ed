# What a patient shares, with whom, until when.
section-share = Sharing
share-lead = You decide who sees your record beyond those who treat you. What you share opens at once, and closes at once when you stop it. What is marked as sensitive is not shared with it.
share-now = What you share
share-none = You share nothing beyond your treatment.
share-with = With
share-until = Until
share-no-end = No end
share-stop = Stop sharing
share-over = Over
share-denied = Kept out
share-anybody = Everybody
share-new = Share something
share-find = Find a clinician by name
share-more = Not everybody fits in this list: find them by name.
share-choose = Choose a clinic or a clinician
share-documents = These documents
share-parts = These parts of my record
share-everything = All of my record
share-give = Share
share-check = See what they would see
share-checked = What { $name } would see. Nothing is shared yet.
share-all = In your record
share-sees = Sees now
share-would = Would see
share-items = { $count ->
    [one] One document
   *[other] { $count } documents
}
share-wrong-with = Choose with whom. Nothing is shared.
share-wrong-what = Pick at least one thing to share. Nothing is shared.
share-wrong-days = Give a number of days from 1 to 366. Nothing is shared.
share-to-look = To look at
share-may = They may
share-may-look = look at it on the pages of this house
share-may-download = also download it, and read it with their own programs
share-may-hint = What somebody looks at can be photographed from the screen. A document that staff look at here bears their name.
