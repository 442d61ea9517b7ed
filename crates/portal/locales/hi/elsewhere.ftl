# A record that is brought from another server, and the list of such servers.
section-elsewhere = रिकॉर्ड लाएँ
my-elsewhere-lead = किसी दूसरे अस्पताल या क्लिनिक से
place-elsewhere = दूसरे सर्वर
elsewhere-lead = यदि किसी दूसरे अस्पताल या क्लिनिक में इस व्यक्ति का स्वास्थ्य रिकॉर्ड है, तो आप उसकी प्रति यहाँ ला सकते हैं। रिकॉर्ड में कुछ भी जाने से पहले आप देखते हैं कि क्या आया।
elsewhere-from = कहाँ से
elsewhere-none = यहाँ अभी कोई दूसरा सर्वर सूची में नहीं है। जो यह जगह चलाते हैं, उनसे कहें कि वे उस सर्वर को सूची में रखें जहाँ रिकॉर्ड है।
elsewhere-how = आप दूसरे सर्वर पर जाते हैं, वहाँ वैसे ही साइन इन करते हैं जैसे हमेशा, और अनुमति देते हैं कि यह जगह रिकॉर्ड पढ़े। फिर आप यहाँ लौटते हैं।
elsewhere-once = यह अनुमति एक ही बार, इसी एक प्रति के लिए काम आती है और रखी नहीं जाती। वहाँ बाद में जो बदलता है, वह तब आता है जब आप फिर से लाते हैं।
elsewhere-go = { $house } से रिकॉर्ड लाएँ
elsewhere-returned = आप एक स्वास्थ्य रिकॉर्ड के लिए दूसरे सर्वर पर थे। वह क्या देता है, यह देखने के लिए आगे बढ़ें।
elsewhere-coming = { $house } से रिकॉर्ड आ रहा है
elsewhere-coming-lead = इसमें कुछ मिनट लग सकते हैं। आप यह पन्ना बंद कर सकते हैं; जो आया वह एक घंटे तक यहाँ रुकता है।
elsewhere-look-again = फिर देखें
elsewhere-lost = { $house } से कुछ नहीं आया
elsewhere-forget = यह संदेश बंद करें
elsewhere-came = { $house } से क्या आया
elsewhere-came-lead = इसमें से अभी कुछ भी इस रिकॉर्ड में नहीं गया है। यह बंद ताले में एक घंटे तक आपकी हाँ की राह देखता है, फिर मिट जाता है।
elsewhere-whose = रिकॉर्ड किसका है
elsewhere-here = यह रिकॉर्ड
elsewhere-unlike = नाम या जन्म तिथि अलग हैं, या दर्ज नहीं हैं। ध्यान से देखें: किसी और का रिकॉर्ड यहाँ का नहीं है।
elsewhere-same = मैंने दोनों देख लिए: यह वही व्यक्ति है।
elsewhere-tick = कुछ भी नहीं गया। नाम और जन्म तिथि देखें; यदि यह वही व्यक्ति है, तो निशान लगाकर बताएँ।
elsewhere-nothing = इसमें ऐसा कुछ नहीं जो जा सके।
elsewhere-is-new = नया
elsewhere-is-changed = आपके लाने के बाद वहाँ बदला
elsewhere-is-same = पहले से यहाँ है, बिना बदलाव
elsewhere-is-kept = आपके लाने के बाद यहाँ बदला; जैसा यहाँ है वैसा ही रहता है
elsewhere-twice = पहले से यहाँ है, कहीं और से
elsewhere-twice-lead = दोनों साथ-साथ रहेंगे, हर एक के साथ कि वह कहाँ से है। आपका क्लिनिक बता सकता है कि उनमें से कौन अब भी सही है।
elsewhere-missing = क्या नहीं जाता, और क्यों
elsewhere-left = ये प्रकार नहीं लिए जाते:
elsewhere-more = { $count ->
    [one] और एक
   *[other] और { $count }
}
elsewhere-everything = सब कुछ एक साथ
elsewhere-enter = इस रिकॉर्ड में रखें
elsewhere-drop = इसे न लें
elsewhere-new = { $count ->
    [0] कुछ नया नहीं गया।
    [one] इस रिकॉर्ड में एक प्रविष्टि नई है।
   *[other] इस रिकॉर्ड में { $count } प्रविष्टियाँ नई हैं।
}
elsewhere-changed = { $count ->
    [0] कोई प्रविष्टि नहीं बदली।
    [one] एक प्रविष्टि ताज़ा की गई।
   *[other] { $count } प्रविष्टियाँ ताज़ा की गईं।
}
elsewhere-brought = आप क्या लाए हैं
elsewhere-brought-none = अभी कुछ नहीं लाया गया है।
elsewhere-brought-lead = हर पन्ने पर उसके साथ लिखा है कि वह कहाँ से है। यदि उसे यहाँ नहीं होना चाहिए, तो उसे हटा दें: वह सब पन्नों से हट जाता है, केवल उसका इतिहास रहता है।
elsewhere-remove = जो { $house } से आया उसे हटाएँ
elsewhere-gone = { $count ->
    [0] हटाने को कुछ नहीं था।
    [one] एक प्रविष्टि हटाई गई।
   *[other] { $count } प्रविष्टियाँ हटाई गईं।
}
elsewhere-stays = { $count ->
    [one] एक प्रविष्टि यहाँ बाद में बदली गई और रहती है।
   *[other] { $count } प्रविष्टियाँ यहाँ बाद में बदली गईं और रहती हैं।
}
brought-from = { $house } से
elsewhere-why-unreachable = दूसरे सर्वर ने उत्तर नहीं दिया।
elsewhere-why-late = दूसरे सर्वर ने बहुत समय लिया।
elsewhere-why-refused = दूसरा सर्वर यह नहीं देता।
elsewhere-why-missing = दूसरे सर्वर के पास यह नहीं है।
elsewhere-why-fault = दूसरे सर्वर ने त्रुटि के साथ उत्तर दिया।
elsewhere-why-too-long = यह बहुत बड़ा है।
elsewhere-why-unreadable = उत्तर पढ़ा नहीं जा सका।
elsewhere-why-elsewhere = उत्तर किसी दूसरे पते की ओर ले जाता है, जिससे पूछा नहीं जाता।
elsewhere-why-too-many = एक बार में जितना लिया जाता है, उससे अधिक था।
elsewhere-why-not-theirs = यह किसी और के बारे में है।
elsewhere-why-draft = यह मसौदा है जिस पर किसी ने हस्ताक्षर नहीं किए।
elsewhere-why-rules = इसे ऐसे नियमों से पढ़ना है जो यहाँ ज्ञात नहीं।
elsewhere-why-broken = यह FHIR R4 के नियम तोड़ता है।
elsewhere-why-file-kind = इस प्रकार की फ़ाइल नहीं ली जाती।
elsewhere-why-malware = वायरस स्कैनर को फ़ाइल में कुछ मिला।
elsewhere-why-not-taken = इस जगह ने इसे नहीं लिया।
elsewhere-why-scanner = यहाँ का वायरस स्कैनर उत्तर नहीं देता, इसलिए कुछ नहीं रखा गया। कुछ मिनट बाद फिर कोशिश करें।
elsewhere-why-busy = इस समय बहुत सारे रिकॉर्ड लाए जा रहे हैं। कुछ मिनट बाद फिर कोशिश करें।
kind-careplan = योजना
kind-careteam = देखभाल दल
kind-clinicalimpression = आकलन
kind-deviceusestatement = उपकरण
kind-familymemberhistory = पारिवारिक इतिहास
kind-goal = लक्ष्य
kind-imagingstudy = इमेजिंग
kind-medicationadministration = दी गई दवा
kind-medicationdispense = सौंपी गई दवा
kind-medicationstatement = ली जा रही दवा
kind-nutritionorder = आहार
kind-observation = माप
kind-questionnaireresponse = प्रश्नों के उत्तर
kind-riskassessment = जोखिम
kind-servicerequest = आदेश
deed-brought = दूसरे सर्वर से रिकॉर्ड लाया
deed-put-away = दूसरे सर्वर से लाया हुआ हटाया
deed-elsewhere = दूसरे सर्वर से रिकॉर्ड मँगाया
deed-elsewhere-look = दूसरे सर्वर से जो आया उसे देखा
houses-listed = सूची के सर्वर
houses-lead = मरीज़ इनसे अपना रिकॉर्ड ला सकते हैं। कोई भी इस जगह से किसी और सर्वर से पूछने को नहीं कह सकता।
houses-none = अभी कोई सर्वर सूची में नहीं है।
houses-client = वहाँ हमारी आईडी: { $id }
houses-signs-in = उसके लोग { $address } पर साइन इन करते हैं
houses-remove = { $name } को सूची से हटाएँ
houses-new = एक और सर्वर सूची में रखें
houses-new-lead = उसे FHIR R4 बोलना और मरीज़ों के ऐप को पढ़ने देना चाहिए (SMART App Launch)। सूची में रखने से पहले यह जगह उससे पूछती है कि वहाँ लोग कैसे साइन इन करते हैं।
houses-name = मरीज़ उसे क्या कहते हैं
houses-name-hint = उदाहरण: City Hospital
houses-base = उसके FHIR API का पता
houses-base-hint = उदाहरण: https://there.example/fhir/R4
houses-sign-in = उसके लोग कहाँ साइन इन करते हैं
houses-sign-in-hint = केवल तब, जब वह ऊपर वाले से अलग पता हो।
houses-id = वहाँ हमारी आईडी (client_id)
houses-id-hint = खाली छोड़ें, तो यह जगह खुद को वहाँ दर्ज करती है, यदि दूसरा सर्वर इसकी अनुमति देता है।
houses-secret = वहाँ हमारा रहस्य
houses-secret-hint = केवल तब, जब दूसरे सर्वर ने दिया हो। वह मुहरबंद रखा जाता है।
houses-scope = क्या माँगा जाता है
houses-scope-hint = launch/patient patient/*.rs के लिए खाली छोड़ें
houses-list = उससे पूछें और सूची में रखें
