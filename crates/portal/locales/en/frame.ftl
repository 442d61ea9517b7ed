# The frame of every page.
skip = Skip to the content
places = Places
sign-out = Sign out
language = Language
foot-privacy = Privacy
foot-protection = How your data is protected
foot-accessibility = Accessibility
foot-help = Help

place-home = Home
place-today = Today
place-find = Find a patient
place-desk = Front desk
place-sharing = Sharing
place-apps = Apps
place-account = Account
place-staff = Facilities and staff
place-roles = Roles
place-emergencies = Emergencies

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
age-years = { $count } y
age-months = { $count } mo

draft-title = This was not sent yet
draft-lead = Your session had ended before you sent this, so nothing was done. Here is what you had typed, but for passwords and codes. Look at it, and send it again.
draft-send = Send it again
draft-drop = Throw it away
place-disputes = Disputes
