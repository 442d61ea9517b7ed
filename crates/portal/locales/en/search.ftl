# Words found in a record.
section-search = Find in this record
search-words = Words
search-hint = One or more: medicines, results, people, and what stands in notes and files. The beginning of a word is enough.
search-none-asked = Type at least one word, and no more than { $count } characters.
search-count = { $count ->
    [0] Nothing that you see says so.
    [one] Found in one place.
   *[other] Found in { $count } places.
}
search-more = { $count ->
    [one] There is one more: add a word to find fewer.
   *[other] There are { $count } more: add a word to find fewer.
}
search-unread = { $count ->
    [one] One document was searched by its name alone: its file is a picture, or came without its text.
   *[other] { $count } documents were searched by their names alone: their files are pictures, or came without their text.
}
search-restricted = What is restricted was not searched. Ask the patient, or break the glass in an emergency:
search-in-file = in the file
kind-relatedperson = Contact
