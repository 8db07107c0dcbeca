# العربية

language-name = العربية
direction = rtl

# الحقول
field-login = اسم المستخدم أو البريد الإلكتروني
field-user-code = الرمز
field-user-code-hint = يعرضه الجهاز: ثمانية أحرف لاتينية، مثل BCDF-GHJK.
field-username = اسم المستخدم
field-username-hint = حروف وأرقام و . _ - +
field-email = البريد الإلكتروني
field-email-hint = اختياري. يمكنك تسجيل الدخول به أيضًا.
field-email-hint-needed = يمكنك تسجيل الدخول به أيضًا.
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
fault-not-invited = الدعوة موجّهة إلى عنوان آخر.
fault-anothers-address = اسم المستخدم الذي يحتوي على @ يجب أن يكون بريدك الإلكتروني.
fault-email-yours = هذا عنوانك بالفعل.
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
onward-to = للمتابعة إلى { $application }
sign-in-button = تسجيل الدخول
sign-in-other = هل أنت جديد هنا؟
sign-in-other-link = إنشاء حساب
sign-in-forgotten = هل نسيت كلمة المرور؟
register-title = إنشاء حساب
register-button = إنشاء الحساب
register-other = هل لديك حساب بالفعل؟
register-other-link = تسجيل الدخول
register-closed = ينشئ الحساباتِ مَن يدير هذا الخادم.
register-invitation = إذا تلقيت دعوة، فافتح الرابط الموجود فيها.
invitation-text = أنت مدعوّ إلى { $site }.
invitation-address = الدعوة موجّهة إلى هذا العنوان.
check-mail-title = تحقق من بريدك
without-mail = يمكن لمن يدير هذا الخادم أن يساعدك.
to-sign-in = إلى صفحة تسجيل الدخول
to-account = إلى حسابك

recover-title = نسيت كلمة المرور
recover-text = نرسل رابطًا إلى البريد الإلكتروني المؤكَّد لحسابك، وبه تختار كلمة مرور جديدة.
recover-button = إرسال الرابط
reset-title = اختيار كلمة مرور جديدة
reset-text = سيُسجَّل خروجك من جميع الأجهزة.
reset-button = حفظ كلمة المرور
confirm-title = تأكيد بريدك الإلكتروني
confirm-text = هل هذا عنوانك، وهل تريده في هذا الحساب؟
confirm-button = تأكيد العنوان
confirm-not-you = إذا لم تكن تعرف شيئًا عن هذا، فأغلق هذه الصفحة ولن يحدث شيء.
confirm-taken = هذا العنوان مؤكَّد في حساب آخر ويبقى فيه. إذا كان ذلك الحساب لك أيضًا، فسجّل الدخول إليه.
link-recover = تعمل هذه الروابط مرة واحدة ولبضع دقائق. يمكنك طلب رابط آخر.
link-confirm = تعمل هذه الروابط مرة واحدة ولمدة محدودة. يبيّن حسابك ما إذا كان العنوان مؤكَّدًا، ومنه يمكنك طلب رابط آخر.
link-invitation = تعمل الدعوات مرة واحدة ولمدة محدودة. اطلب دعوة أخرى ممن دعاك.
link-setup = تعمل هذه الروابط مرة واحدة ولمدة نصف ساعة. إذا كنت تدير هذا الخادم، فأنشئ رابطًا آخر بالأمر: tokenhouse admin setup-link
setup-title = إعداد هذا الخادم
setup-text = ينشئ هذا حساب المدير الأول، وبعده لا تبقى للرابط قيمة.
setup-email-hint = لاستعادة كلمة المرور وللإشعارات. يمكنك تسجيل الدخول به أيضًا.
setup-button = إنشاء حساب المدير
setup-closed = يوجد حساب مدير بالفعل، ويمكن تسجيل الدخول به.
logout-title = تسجيل الخروج
logout-text = هل تريد تسجيل الخروج من هذا الجهاز؟
logout-button = تسجيل الخروج
logout-stay = البقاء مسجلًا

consent-title = يطلب { $application } الوصول
signed-in-as = أنت مسجّل الدخول باسم { $username }.
consent-asked = إذا وافقت، فسيتمكن { $application } من:
consent-granted = المسموح به بالفعل:
consent-leads = بعد ذلك تنتقل إلى { $address }.
consent-policy = سياسة الخصوصية الخاصة بـ { $application }
consent-terms = شروط استخدام { $application }
consent-allow = موافقة
consent-deny = رفض
consent-note = يمكنك سحب موافقتك في أي وقت من حسابك، ضمن «التطبيقات المتصلة».
consent-other = استخدام حساب آخر
scope-openid = التعرّف عليك عند تسجيل الدخول
scope-profile = الاطلاع على اسمك وملفك الشخصي
scope-email = الاطلاع على بريدك الإلكتروني
scope-address = الاطلاع على عنوانك البريدي
scope-phone = الاطلاع على رقم هاتفك
scope-groups = الاطلاع على المجموعات التي تنتمي إليها
scope-offline-access = القيام بذلك أيضًا في غيابك
form-post-title = الانتقال إلى { $application }
form-post-text = إذا لم يحدث شيء، فاضغط على الزر.
form-post-button = متابعة
end-session-text = يسأل أحد التطبيقات إن كنت تريد تسجيل الخروج هنا أيضًا.
end-session-named = يسأل { $application } إن كنت تريد تسجيل الخروج هنا أيضًا.
signed-out-text = يجري إبلاغ التطبيقات التي سجلت الدخول إليها من هنا:
application-error-title = هناك مشكلة في التطبيق
application-error-help = لا مشكلة في حسابك. يمكن لمن يدير التطبيق أن يساعدك.
application-unknown = التطبيق الذي أرسلك إلى هنا غير معروف لدى هذا الخادم.
application-disabled = التطبيق الذي أرسلك إلى هنا معطَّل.
application-address = يريد التطبيق إرسالك إلى عنوان غير مسجَّل له، لذلك تبقى هنا.
application-request = تعذّرت قراءة ما يطلبه التطبيق.
device-title = تسجيل الدخول على جهاز
device-button = متابعة
device-compare = هل يعرض الجهاز هذا الرمز نفسه؟
device-since = وقت الطلب
device-agent = الجهاز
device-warning = لا تتابع إلا إذا بدأت ذلك بنفسك على جهاز أمامك. إذا أرسل إليك أحد هذا الرمز أو هذا العنوان، فارفض: سيتمكن من الوصول إلى حسابك.
application-expired = لم يعد طلب التطبيق صالحًا. عُد إلى التطبيق وابدأ من جديد.

account-title = حسابك
account-back = العودة إلى حسابك
profile-title = الملف الشخصي
profile-since = عضو منذ
profile-no-email = لا يوجد
profile-confirmed = مؤكَّد
profile-unconfirmed = غير مؤكَّد بعد
profile-pending = البريد الإلكتروني الجديد
profile-follow = لتأكيد العنوان، اتبع الرابط الموجود في الرسالة التي أرسلناها إليه.
profile-administrator = مدير
email-link = تغيير البريد الإلكتروني
email-link-first = إضافة بريد إلكتروني
email-again = إعادة إرسال الرسالة
email-withdraw = سحب العنوان الجديد
email-title = بريدك الإلكتروني
email-now = الحالي
email-new = البريد الإلكتروني الجديد
email-text = نرسل رابطًا إلى العنوان الجديد. يصبح عنوانك بعد اتباع الرابط، وحتى ذلك الحين لا يتغير شيء.
email-button = إرسال الرابط
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
applications-title = التطبيقات المتصلة
applications-text = التطبيقات التي سجّلت الدخول إليها بهذا الحساب. افصل ما لم تعد تستخدمه.
applications-link = عرض التطبيقات
applications-none = لا يوجد تطبيق متصل بحسابك.
applications-since = متصل منذ
applications-used = آخر استخدام
applications-may = المسموح به:
applications-disconnect = فصل
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
delete-in-days = { $count ->
    [one] سيُحذف حسابك بعد يوم واحد، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
    [two] سيُحذف حسابك بعد يومين، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
    [few] سيُحذف حسابك بعد { $count } أيام، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
    [many] سيُحذف حسابك بعد { $count } يومًا، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
   *[other] سيُحذف حسابك بعد { $count } يوم، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
}
delete-in-hours = { $count ->
    [one] سيُحذف حسابك بعد ساعة واحدة، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
    [two] سيُحذف حسابك بعد ساعتين، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
    [few] سيُحذف حسابك بعد { $count } ساعات، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
    [many] سيُحذف حسابك بعد { $count } ساعة، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
   *[other] سيُحذف حسابك بعد { $count } ساعة، ويُسجَّل خروجك فورًا. حتى ذلك الحين يمكنك تسجيل الدخول والاحتفاظ به، وبعدها يزول نهائيًا.
}
leaving-title = سيُحذف هذا الحساب
leaving-text = طلبت ذلك بنفسك. حتى ذلك الحين يمكنك تغيير رأيك.
leaving-at = يُحذف بعد
leaving-keep = الاحتفاظ بحسابي
cancel = إلغاء

# ما تم
said-welcome = مرحبًا! حسابك جاهز.
said-password-changed = تم تغيير كلمة المرور، وتم تسجيل الخروج من جميع الأجهزة الأخرى.
said-device-ended = تم تسجيل الخروج من الجهاز.
said-others-ended = تم تسجيل الخروج من جميع الأجهزة الأخرى.
said-signed-out = تم تسجيل الخروج.
said-session-ended = انتهت جلستك. يرجى تسجيل الدخول مرة أخرى.
said-deleted = تم حذف حسابك.
said-deletion-scheduled = سُجِّل خروجك وسيُحذف حسابك. للاحتفاظ به، سجّل الدخول قبل ذلك.
said-kept = يبقى حسابك كما هو.
said-password-reset = حُفظت كلمة مرورك الجديدة. سجّل الدخول بها.
said-recovery-asked = إذا كان هناك حساب بهذا الاسم وله بريد إلكتروني مؤكَّد، فالرسالة في طريقها إليه. إذا لم تصل، فابحث في البريد غير المرغوب فيه أو جرّب اسمًا آخر.
said-confirmation-sent = رسالة فيها رابط في طريقها إلى عنوانك. اتبع الرابط لتأكيد العنوان. إذا لم تصل، فابحث في البريد غير المرغوب فيه.
said-email-confirmed = تم تأكيد بريدك الإلكتروني.
said-email-withdrawn = سُحب العنوان الجديد.
said-set-up = أُعِدّ هذا الخادم وأنت مديره.
said-sign-in-again = يرجى تسجيل الدخول مرة أخرى للمتابعة.
said-other-account = سجّل الدخول بالحساب الذي تريد استخدامه.
said-application-disconnected = تم فصل التطبيق.
said-device-allowed = تم. يمكنك المتابعة على الجهاز.
said-device-denied = تم الرفض. لن يحصل الجهاز على وصول.

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
problem-access-denied = ليس لديك حق الوصول إلى هذه الصفحة
problem-account-locked = هذا الحساب مقفل
problem-bad-proxy-request = لا يذكر الخادم الوكيل ما الذي يسأل عنه
problem-conflict = تغيّر الحساب في هذه الأثناء؛ سجّل الدخول وحاول مرة أخرى
problem-database-unavailable = لا يمكن الوصول إلى قاعدة البيانات حاليًا
problem-deadline-exceeded = استغرق الطلب وقتًا طويلًا
problem-email-not-verified = لم يُؤكَّد البريد الإلكتروني بعد
problem-email-taken = هذا البريد الإلكتروني مستخدم بالفعل
problem-internal-error = حدث خطأ ما هنا
problem-invalid-credentials = اسم المستخدم أو كلمة المرور غير صحيحة
problem-invalid-request = الطلب غير صالح
problem-invalid-token = رمز الجلسة غير صالح
problem-invitation-required = يلزم وجود دعوة للتسجيل
problem-last-administrator = لا يمكن حذف آخر مدير
problem-link-expired = انتهت صلاحية هذا الرابط
problem-link-unknown = هذا الرابط غير معروف هنا
problem-link-used = استُخدم هذا الرابط من قبل
problem-mail-not-configured = هذا الخادم لا يرسل بريدًا
problem-malformed = تعذّرت قراءة المحتوى
problem-method-not-allowed = هذا العنوان لا يعرف هذه الطريقة
problem-missing-token = يلزم رمز جلسة
problem-not-found = لا يوجد شيء في هذا العنوان
problem-not-ready = هذه العملية في طور البدء أو التوقف
problem-nothing-to-confirm = لا يوجد بريد إلكتروني بحاجة إلى تأكيد
problem-overloaded = عدد كبير من الأشخاص يسجلون الدخول الآن
problem-precondition-failed = نسخة أخرى هي المخزّنة
problem-proxy-not-trusted = لا يجوز أن يسأل عن هذا إلا خادم وكيل يثق به هذا الخادم
problem-rate-limited = محاولات كثيرة جدًا
problem-registration-closed = التسجيل مغلق
problem-session-not-found = لا توجد جلسة كهذه
problem-setup-closed = هذا الخادم مُعَدّ بالفعل
problem-sign-in-needed = سجّل الدخول أولًا
problem-too-large = المحتوى كبير جدًا
problem-unknown-service = هذا الخادم لا يسجّل دخول أحد إلى هذا العنوان
problem-unsupported-media-type = نوع المحتوى غير مدعوم
problem-user-code-unknown = هذا الرمز غير معروف أو لم يعد صالحًا
problem-username-taken = اسم المستخدم هذا مستخدم بالفعل
problem-wrong-password = كلمة المرور غير صحيحة

# صندوق الصادر، للمطوّرين
outbox-title = الرسائل
outbox-text = لم يُضبط أي خادم بريد، لذلك تبقى الرسائل هنا لتقرأها. لا يرى هذه الصفحة إلا هذا الجهاز.
outbox-empty = لم تُكتب أي رسالة بعد.
outbox-older = رسائل أقدم
outbox-back = كل الرسائل
outbox-to = إلى
outbox-at = وقت الكتابة
outbox-html = عرض بصيغة HTML

# الرسائل
mail-confirm-subject = أكّد عنوانك لدى { $site }
mail-confirm-text = أُعطي هذا العنوان لحساب لدى { $site }. يرجى تأكيد أنه عنوانك.
mail-confirm-button = تأكيد العنوان
mail-confirm-note = إذا كنت لا تعرف شيئًا عن هذا، فلا حاجة إلى فعل أي شيء.
mail-recover-subject = تعيين كلمة مرور جديدة لدى { $site }
mail-recover-text = طلب شخص ما، وهو أنت على الأرجح، كلمة مرور جديدة لحسابك لدى { $site }.
mail-recover-button = تعيين كلمة مرور جديدة
mail-recover-note = إذا لم تكن أنت، فلا حاجة إلى فعل أي شيء: تبقى كلمة المرور كما هي. لا تُعطِ الرابط لأحد أبدًا.
mail-password-changed-subject = تم تغيير كلمة مرورك لدى { $site }
mail-password-changed-text = تم تغيير كلمة مرور حسابك لدى { $site }، وتم تسجيل الخروج من جميع الأجهزة الأخرى.
mail-password-changed-note = إذا لم تكن أنت، فعيّن كلمة مرور جديدة الآن.
mail-new-device-subject = تسجيل دخول جديد إلى حسابك لدى { $site }
mail-new-device-text = سجّل شخص ما الدخول إلى حسابك لدى { $site } بكلمة المرور الصحيحة، من جهاز لم يكن معروفًا.
mail-new-device-note = إذا كنت أنت، فكل شيء على ما يرام. وإن لم تكن، فغيّر كلمة المرور الآن، ليتم تسجيل الخروج من جميع الأجهزة الأخرى.
mail-new-device-button = تغيير كلمة المرور
mail-address-changed-subject = تم تغيير عنوان حسابك لدى { $site }
mail-address-changed-text = أصبح لحسابك لدى { $site } عنوان بريد إلكتروني جديد.
mail-address-changed-note = إذا لم تكن أنت، فسجّل الدخول وغيّر كلمة المرور الآن. وإذا تعذّر عليك تسجيل الدخول، فاسأل القائمين على { $site }.
mail-address-changed-button = إلى حسابك
mail-deletion-scheduled-subject = سيُحذف حسابك لدى { $site }
mail-deletion-scheduled-text = بناءً على طلبك، سيُحذف حسابك لدى { $site } وكل ما فيه. تم تسجيل الخروج من جميع الأجهزة.
mail-deletion-scheduled-note = يمكنك التراجع حتى ذلك الحين: سجّل الدخول واحتفظ بحسابك. وإذا لم يكن الطلب منك، فغيّر كلمة المرور أيضًا.
mail-deletion-scheduled-button = الاحتفاظ بحسابي
mail-account-deleted-subject = تم حذف حسابك لدى { $site }
mail-account-deleted-text = تم حذف حسابك لدى { $site } وكل ما فيه.
mail-account-deleted-note = إذا لم يكن الطلب منك، فاكتب إلى القائمين على { $site }.
mail-invitation-subject = أنت مدعو إلى { $site }
mail-invitation-text = أنت مدعو إلى إنشاء حساب لدى { $site }.
mail-invitation-button = إنشاء حساب
mail-invitation-note = إذا كنت لا تريد ذلك، فلا حاجة إلى فعل أي شيء.
mail-link-once = يعمل الرابط مرة واحدة، ولمدة { $time }.
mail-link-copy = إذا لم يعمل الزر، فافتح هذا العنوان:
mail-minutes = { $count ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $count } دقائق
    [many] { $count } دقيقة
   *[other] { $count } دقيقة
}
mail-hours = { $count ->
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $count } ساعات
    [many] { $count } ساعة
   *[other] { $count } ساعة
}
mail-days = { $count ->
    [one] يوم واحد
    [two] يومين
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
mail-fact-account = الحساب
mail-fact-email = العنوان الجديد
mail-fact-device = الجهاز
mail-fact-address = عنوان الشبكة
mail-fact-at = الوقت
mail-fact-until = موعد الحذف
mail-foot = أرسل { $site } هذه الرسالة تلقائيًا. لا تُقرأ الردود.
