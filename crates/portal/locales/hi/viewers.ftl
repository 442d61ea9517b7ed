# Who looked at a record: every deed that the log tells of, in plain words.
section-viewers = किसने देखा
viewers-lead = इस रिकॉर्ड को जिसने भी खोला, बदला या ऐसा करने की कोशिश की, वह सब यहाँ है; नया पहले। यह सूची बदली नहीं जा सकती: हर पंक्ति पर हस्ताक्षर है। आपने ख़ुद जब देखा, वह भी यहाँ है।
viewers-none = इस सूची में कुछ नहीं है।
viewers-older = पुरानी पंक्तियाँ
viewers-newest = सबसे नई पंक्तियों पर लौटें
viewers-file = पूरी सूची डाउनलोड करें (CSV, स्प्रेडशीट के लिए)
who = कौन
who-all = सभी
who-people = लोग
who-machines = ऐप और सिस्टम
when-zone = कब ({ $zone })
role = भूमिका
line = पंक्ति
things = किस बारे में
outcome = परिणाम
refused = मना किया गया
failed = पूरा नहीं हुआ
emergency = आपातकाल
nobody-known = कोई अनजान
deed-closed = यह पंक्ति अब पढ़ी नहीं जा सकती। अपने क्लिनिक को बताएँ: इसकी जाँच होनी चाहिए।
deed-chart = रिकॉर्ड खोला
deed-read = पढ़ा
deed-document-look = एक दस्तावेज़ देखा
deed-document = एक दस्तावेज़ डाउनलोड किया
deed-search = खोजा और यह देखा
deed-history = पुराने संस्करण पढ़े
deed-everything = रिकॉर्ड की प्रति ली
deed-change = कुछ जोड़ा या बदला
deed-share = रिकॉर्ड या उसका कोई भाग साझा किया
deed-unshare = साझा करना रोका
deed-note = नोट लिखा
deed-note-signed = नोट पर हस्ताक्षर किए
deed-note-error = नोट को ग़लती से दर्ज बताया
deed-upload = एक दस्तावेज़ जोड़ा
deed-glass = आपातकाल में बिना अनुमति रिकॉर्ड खोला
deed-glass-over = आपातकाल समाप्त हुआ
deed-glass-review = आपातकाल में खोले जाने की समीक्षा की
deed-dispute = बताया कि देखना ग़लत था
deed-dispute-answered = ग़लत बताए गए देखने के बारे में जवाब दिया
deed-dispute-list = पढ़ा कि किसी को देखने में क्या ग़लत लगा
deed-changes = पढ़ा कि क्या बदला गया
deed-bring-back = पुराना संस्करण वापस लाया
deed-notify = बताया गया कि कुछ बदला है
deed-viewers = यह सूची देखी
deed-explain = पूछा कि कौन क्या देख सकता है
deed-erase = रिकॉर्ड मिटाया
deed-access = पहुँच माँगी या पाई
deed-proxy = मरीज़ की ओर से कौन काम करे, यह बदला
deed-link = रिकॉर्ड को खाते से जोड़ा या अलग किया
deed-other = रिकॉर्ड के साथ कुछ और किया
thing-patient = व्यक्तिगत जानकारी
thing-results = { $count ->
    [one] एक नतीजा
   *[other] { $count } नतीजे
}
thing-reports = { $count ->
    [one] एक रिपोर्ट
   *[other] { $count } रिपोर्टें
}
thing-documents = { $count ->
    [one] एक दस्तावेज़
   *[other] { $count } दस्तावेज़
}
thing-notes = { $count ->
    [one] एक नोट
   *[other] { $count } नोट
}
thing-visits = { $count ->
    [one] एक मुलाक़ात
   *[other] { $count } मुलाक़ातें
}
thing-problems = { $count ->
    [one] एक समस्या
   *[other] { $count } समस्याएँ
}
thing-allergies = { $count ->
    [one] एलर्जी की एक प्रविष्टि
   *[other] एलर्जी की { $count } प्रविष्टियाँ
}
thing-medicines = { $count ->
    [one] एक दवा
   *[other] { $count } दवाएँ
}
thing-immunizations = { $count ->
    [one] एक टीका
   *[other] { $count } टीके
}
thing-procedures = { $count ->
    [one] एक प्रक्रिया
   *[other] { $count } प्रक्रियाएँ
}
thing-appointments = { $count ->
    [one] एक अपॉइंटमेंट
   *[other] { $count } अपॉइंटमेंट
}
thing-permissions = { $count ->
    [one] एक अनुमति
   *[other] { $count } अनुमतियाँ
}
thing-other = { $count ->
    [one] एक और चीज़
   *[other] { $count } और चीज़ें
}
purpose-treat = इलाज
purpose-etreat = आपातकाल में इलाज
purpose-patrqt = मरीज़ की अपनी इच्छा से
purpose-sysadmin = सिस्टम चलाना
purpose-hoperat = क्लिनिक चलाना
purpose-hresch = शोध
role-patient = मरीज़
role-proxy = मरीज़ की ओर से
role-physician = चिकित्सक
role-nurse = नर्स
role-front-desk = फ़्रंट डेस्क
role-pharmacist = फ़ार्मासिस्ट
role-laboratory = प्रयोगशाला
role-administrator = प्रशासक
role-privacy-officer = गोपनीयता अधिकारी
role-regulator = नियामक
role-researcher = शोधकर्ता
role-system-client = दूसरा सिस्टम
role-system = दूसरा सिस्टम
role-app = ऐप
role-operator = सर्वर का संचालक
role-clinic = कर्मचारी
role-admin = प्रशासन
dispute-this = यह ग़लत लगता है
dispute-title = यह ग़लत लगता है
dispute-lead = पंक्ति की संख्या लिखें और बताएँ कि क्या ग़लत है। गोपनीयता अधिकारी जाँच करके तीस दिनों के भीतर जवाब देते हैं। जवाब यहीं दिखेगा।
dispute-line = पंक्ति की संख्या
dispute-text = क्या ग़लत है
dispute-send = भेजें
disputes-own = आपने जिसके बारे में पूछा है
dispute-about = पंक्ति { $line } ({ $name }), { $on } को पूछा
dispute-waits = इसकी जाँच हो रही है। { $due } तक जवाब मिलेगा।
dispute-was-wrong = गोपनीयता अधिकारी ने पाया कि यह ग़लत था:
dispute-was-right = गोपनीयता अधिकारी ने पाया कि यह सही था:
