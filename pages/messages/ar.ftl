# العربية

language-name = العربية
direction = rtl

# الحقول
field-login = اسم المستخدم أو البريد الإلكتروني
field-username = اسم المستخدم
field-username-hint = حروف وأرقام و . _ - +
field-email = البريد الإلكتروني
field-email-hint = اختياري. يمكنك تسجيل الدخول به أيضًا.
field-password = كلمة المرور
field-current-password = كلمة المرور الحالية
field-new-password = كلمة المرور الجديدة
field-new-password-hint = { $count } أحرف على الأقل. عدة كلمات خيار جيد، ولا حاجة إلى رموز أو أرقام.
field-language = اللغة
field-theme = المظهر
password-show = إظهار
password-hide = إخفاء

# أخطاء الحقول
fault-empty = يرجى ملء هذا الحقل.
fault-name-too-long = هذا طويل جدًا.
fault-name-character = المسموح هنا حروف وأرقام و . _ - + @ فقط.
fault-not-an-email = هذا ليس عنوان بريد إلكتروني.
fault-password-too-short = استخدم { $count } أحرف على الأقل.
fault-password-too-long = استخدم 256 حرفًا على الأكثر.
fault-password-common = هذه من أكثر كلمات المرور شيوعًا، والمهاجمون يجرّبونها أولًا.
fault-password-own-name = هذه قريبة جدًا من اسم المستخدم أو البريد الإلكتروني.
fault-taken = هذا مستخدم بالفعل.
faults-title = يرجى مراجعة ما أدخلته

# الانتظار
wait-seconds = { $count ->
    [one] يمكنك المحاولة مرة أخرى بعد ثانية واحدة.
    [two] يمكنك المحاولة مرة أخرى بعد ثانيتين.
    [few] يمكنك المحاولة مرة أخرى بعد { $count } ثوانٍ.
    [many] يمكنك المحاولة مرة أخرى بعد { $count } ثانية.
   *[other] يمكنك المحاولة مرة أخرى بعد { $count } ثانية.
}
wait-minutes = { $count ->
    [one] يمكنك المحاولة مرة أخرى بعد دقيقة واحدة.
    [two] يمكنك المحاولة مرة أخرى بعد دقيقتين.
    [few] يمكنك المحاولة مرة أخرى بعد { $count } دقائق.
    [many] يمكنك المحاولة مرة أخرى بعد { $count } دقيقة.
   *[other] يمكنك المحاولة مرة أخرى بعد { $count } دقيقة.
}

# الصفحات
skip = إلى المحتوى
sign-in-title = تسجيل الدخول
sign-in-button = تسجيل الدخول
sign-in-other = هل أنت جديد هنا؟
sign-in-other-link = إنشاء حساب
register-title = إنشاء حساب
register-button = إنشاء الحساب
register-other = هل لديك حساب بالفعل؟
register-other-link = تسجيل الدخول
logout-title = تسجيل الخروج
logout-text = هل تريد تسجيل الخروج من هذا الجهاز؟
logout-button = تسجيل الخروج
logout-stay = البقاء مسجلًا

account-title = حسابك
account-back = العودة إلى حسابك
profile-title = الملف الشخصي
profile-since = عضو منذ
profile-no-email = لا يوجد
password-title = كلمة المرور
password-text = كلمة مرور لا تستخدمها في أي مكان آخر هي أفضل حماية لك.
password-link = تغيير كلمة المرور
password-page-title = تغيير كلمة المرور
password-others = سيتم تسجيل الخروج من جميع الأجهزة الأخرى.
password-button = تغيير كلمة المرور
sessions-title = الأجهزة
sessions-text = اطّلع على الأجهزة المسجل دخولها، وسجّل الخروج مما لا تعرفه.
sessions-link = عرض الأجهزة
sessions-current = هذا الجهاز
sessions-unknown = جهاز غير معروف
sessions-device = { $program } على { $system }
sessions-opened = تسجيل الدخول
sessions-used = آخر استخدام
sessions-address = العنوان
sessions-end = تسجيل الخروج
sessions-end-others = تسجيل الخروج من جميع الأجهزة الأخرى
sessions-alone = لست مسجلًا على أي جهاز آخر.
sessions-more = عرض المزيد
preferences-button = تطبيق
theme-auto = مثل الجهاز
theme-light = فاتح
theme-dark = داكن
data-title = بياناتك
data-text = كل ما هو مخزّن عنك، في ملف يمكن للبرامج قراءته.
data-button = تنزيل بياناتي
delete-title = حذف الحساب
delete-text = يختفي حسابك وكل ما فيه نهائيًا.
delete-link = حذف الحساب
delete-warning = لا يمكن التراجع عن هذا. يُحذف ملفك الشخصي وبياناتك وأجهزتك فورًا.
delete-button = حذف حسابي نهائيًا
cancel = إلغاء

# ما تم
said-welcome = مرحبًا! حسابك جاهز.
said-password-changed = تم تغيير كلمة المرور، وتم تسجيل الخروج من جميع الأجهزة الأخرى.
said-device-ended = تم تسجيل الخروج من الجهاز.
said-others-ended = تم تسجيل الخروج من جميع الأجهزة الأخرى.
said-signed-out = تم تسجيل الخروج.
said-session-ended = انتهت جلستك. يرجى تسجيل الدخول مرة أخرى.
said-deleted = تم حذف حسابك.

# ما حدث من أخطاء في الطريق
form-again = بقي هذا النموذج مفتوحًا لمدة طويلة أو في نافذة أخرى. يرجى إرساله مرة أخرى.
form-cookie-lost = لم يُعد متصفحك ملف تعريف الارتباط الخاص بنا. اسمح بملفات تعريف الارتباط لـ { $host } وحاول مرة أخرى. إذا كان العنوان أعلاه يبدأ بـ http:// وليس https:// فقد تجاهله المتصفح: استخدم عنوان https.
form-cross-site = جاء هذا النموذج من موقع آخر، لذلك لم يُنفَّذ شيء.
elsewhere-title = عنوان غير صحيح
elsewhere-text = هذا الخادم مُعَدّ لعنوان واحد، وقد وصلت عبر عنوان آخر. لن ينجح تسجيل الدخول هنا.
elsewhere-seen = وصلت عبر
elsewhere-expected = العنوان المُعَدّ
elsewhere-link = الذهاب إلى العنوان الصحيح
elsewhere-operator = إذا كنت تدير هذا الخادم: يجب أن يكون PUBLIC_URL هو العنوان الذي يكتبه الناس.
plain-title = هذا الاتصال غير محمي
plain-text = وصلت إلى { $host } عبر http. يمكن للآخرين قراءة كلمة مرورك، وسيتجاهل المتصفح ملف تعريف الارتباط الذي يبقيك مسجلًا.
plain-link = جرّب https
plain-operator = إذا كنت تدير هذا الخادم: ضع أمامه وكيلًا يدعم TLS، واجعل PUBLIC_URL عنوان https الخاص به، وأضفه إلى TRUSTED_PROXIES. على جهاز واحد يعمل http://localhost من دون ذلك.
error-back = إلى البداية
error-request = الطلب
error-retry = حاول مرة أخرى

# المشكلات
problem-account-locked = هذا الحساب مقفل
problem-conflict = تغيّر الحساب في هذه الأثناء؛ سجّل الدخول وحاول مرة أخرى
problem-database-unavailable = لا يمكن الوصول إلى قاعدة البيانات حاليًا
problem-deadline-exceeded = استغرق الطلب وقتًا طويلًا
problem-email-taken = هذا البريد الإلكتروني مستخدم بالفعل
problem-internal-error = حدث خطأ ما هنا
problem-invalid-credentials = اسم المستخدم أو كلمة المرور غير صحيحة
problem-invalid-request = الطلب غير صالح
problem-invalid-token = رمز الجلسة غير صالح
problem-malformed = تعذّرت قراءة المحتوى
problem-method-not-allowed = هذا العنوان لا يعرف هذه الطريقة
problem-missing-token = يلزم رمز جلسة
problem-not-found = لا يوجد شيء في هذا العنوان
problem-not-ready = هذه العملية في طور البدء أو التوقف
problem-overloaded = عدد كبير من الأشخاص يسجلون الدخول الآن
problem-precondition-failed = نسخة أخرى هي المخزّنة
problem-rate-limited = محاولات كثيرة جدًا
problem-session-not-found = لا توجد جلسة كهذه
problem-too-large = المحتوى كبير جدًا
problem-unsupported-media-type = نوع المحتوى غير مدعوم
problem-username-taken = اسم المستخدم هذا مستخدم بالفعل
problem-wrong-password = كلمة المرور غير صحيحة
