# What a patient shares, with whom, until when.
section-share = साझा करना
share-lead = आपका इलाज करने वालों के अलावा कौन आपका रिकॉर्ड देखे, यह आप तय करते हैं। जो आप साझा करते हैं वह तुरंत खुलता है, और रोकने पर तुरंत बंद हो जाता है। जो संवेदनशील अंकित है, वह इसके साथ साझा नहीं होता।
share-now = आप क्या साझा कर रहे हैं
share-none = इलाज के अलावा आप कुछ साझा नहीं कर रहे हैं।
share-with = किसके साथ
share-until = कब तक
share-no-end = कोई अंत नहीं
share-stop = साझा करना रोकें
share-over = समाप्त
share-denied = रोका गया
share-anybody = सब
share-new = कुछ साझा करें
share-find = नाम से चिकित्सक खोजें
share-more = इस सूची में सब नहीं आते: नाम से खोजें।
share-choose = क्लिनिक या चिकित्सक चुनें
share-documents = ये दस्तावेज़
share-parts = मेरे रिकॉर्ड के ये भाग
share-everything = मेरा पूरा रिकॉर्ड
share-give = साझा करें
share-check = देखें कि वे क्या देखेंगे
share-checked = { $name } यह देखेंगे। अभी कुछ साझा नहीं हुआ है।
share-all = आपके रिकॉर्ड में
share-sees = अभी देखते हैं
share-would = तब देखेंगे
share-items = { $count ->
    [one] एक दस्तावेज़
   *[other] { $count } दस्तावेज़
}
share-wrong-with = चुनें कि किसके साथ। कुछ साझा नहीं हुआ।
share-wrong-what = साझा करने के लिए कम से कम एक चीज़ चुनें। कुछ साझा नहीं हुआ।
share-wrong-days = 1 से 366 तक दिनों की संख्या दें। कुछ साझा नहीं हुआ।
share-to-look = सिर्फ़ देखने के लिए
share-may = वे
share-may-look = इसे इस सेवा के पन्नों पर देख सकते हैं
share-may-download = इसे डाउनलोड भी कर सकते हैं और अपने प्रोग्राम में पढ़ सकते हैं
share-may-hint = जो स्क्रीन पर दिखता है, उसकी तस्वीर ली जा सकती है। कर्मचारी यहाँ जो दस्तावेज़ देखते हैं, उस पर उनका नाम होता है।
