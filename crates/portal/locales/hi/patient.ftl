hello = नमस्ते, { $name }
next = अब क्या करना है
next-requests = { $count ->
    [one] एक व्यक्ति आपका रिकॉर्ड देखना चाहता है। उसे उत्तर दें।
   *[other] { $count } लोग आपका रिकॉर्ड देखना चाहते हैं। उन्हें उत्तर दें।
}
next-appointment = आपका अगला अपॉइंटमेंट { $when } को है।
my-results = जाँच के नतीजे
my-results-count = { $count ->
    [0] अभी कोई नहीं
    [one] एक तरह का माप
   *[other] { $count } तरह के माप
}
my-medicines = दवाएँ
my-medicines-count = { $count ->
    [0] अभी कोई नहीं
    [one] अभी एक
   *[other] अभी { $count }
}
my-visits = मुलाक़ातें
my-visits-count = { $count ->
    [0] अभी कोई नहीं
    [one] एक मुलाक़ात
   *[other] { $count } मुलाक़ातें
}
my-notes = नोट
my-notes-count = { $count ->
    [0] अभी कोई नहीं
    [one] एक नोट
   *[other] { $count } नोट
}
my-documents = दस्तावेज़
my-documents-count = { $count ->
    [0] अभी कोई नहीं
    [one] एक दस्तावेज़
   *[other] { $count } दस्तावेज़
}
my-problems = समस्याएँ और एलर्जी
my-problems-count = { $count ->
    [0] अभी कोई समस्या नहीं
    [one] अभी एक समस्या
   *[other] अभी { $count } समस्याएँ
}
my-immunizations = टीके
my-immunizations-count = { $count ->
    [0] कोई दर्ज नहीं
    [one] एक दर्ज
   *[other] { $count } दर्ज
}
my-sharing = मेरा रिकॉर्ड कौन देखता है
my-sharing-lead = अनुरोध, परिवार, अनुमतियाँ
my-viewers-lead = हर बार किसने देखा और क्यों
