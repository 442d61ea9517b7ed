skip = सीधे मुख्य सामग्री पर जाएँ
places = पन्ने
sign-out = साइन आउट
language = भाषा
foot-privacy = निजता
foot-protection = आपका डेटा कैसे सुरक्षित है
foot-accessibility = सुगम्यता
foot-help = सहायता

place-home = मुख्य पृष्ठ
place-today = आज
place-find = मरीज़ खोजें
place-desk = स्वागत काउंटर
place-sharing = साझा करना
place-apps = ऐप
place-account = खाता
place-staff = केंद्र और कर्मचारी
place-emergencies = आपात स्थितियाँ

month-1 = जन॰
month-2 = फ़र॰
month-3 = मार्च
month-4 = अप्रैल
month-5 = मई
month-6 = जून
month-7 = जुल॰
month-8 = अग॰
month-9 = सित॰
month-10 = अक्टू॰
month-11 = नव॰
month-12 = दिस॰
age-years = { $count } वर्ष
age-months = { $count } माह

draft-title = यह अभी भेजा नहीं गया
draft-lead = भेजने से पहले आपका सत्र समाप्त हो गया था, इसलिए कुछ नहीं हुआ। आपने जो लिखा था वह यहाँ है; पासवर्ड और कोड नहीं रखे गए। देख लें और फिर से भेजें।
draft-send = फिर से भेजें
draft-drop = हटा दें
