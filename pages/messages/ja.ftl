# 日本語

language-name = 日本語
direction = ltr

# 入力欄
field-login = ユーザー名またはメールアドレス
field-user-code = コード
field-user-code-hint = デバイスに表示される8文字の英字です（例: BCDF-GHJK）。
field-username = ユーザー名
field-username-hint = 文字、数字、. _ - + が使えます
field-email = メールアドレス
field-email-hint = 任意です。ログインにも使えます。
field-email-hint-needed = ログインにも使えます。
field-password = パスワード
field-current-password = 現在のパスワード
field-new-password = 新しいパスワード
field-new-password-hint = { $count } 文字以上。複数の単語を並べるのがおすすめです。記号や数字は必須ではありません。
field-language = 言語
field-theme = 外観
password-show = 表示
password-hide = 隠す

# 入力欄の誤り
fault-empty = 入力してください。
fault-name-too-long = 長すぎます。
fault-name-character = 使えるのは文字、数字、. _ - + @ だけです。
fault-not-an-email = メールアドレスではありません。
fault-password-too-short = { $count } 文字以上にしてください。
fault-password-too-long = 256 文字以内にしてください。
fault-password-common = 最もよく使われるパスワードの一つです。攻撃者はそれを最初に試します。
fault-password-own-name = ユーザー名またはメールアドレスに似すぎています。
fault-taken = すでに使われています。
fault-not-invited = 招待は別のアドレス宛てです。
fault-anothers-address = @ を含むユーザー名は、ご自身のメールアドレスでなければなりません。
fault-email-yours = すでにあなたのアドレスです。
faults-title = 入力内容を確認してください

# 待ち時間
wait-seconds = { $count ->
   *[other] { $count } 秒後にもう一度お試しください。
}
wait-minutes = { $count ->
   *[other] { $count } 分後にもう一度お試しください。
}

# ページ
skip = 本文へ
sign-in-title = ログイン
onward-to = { $application } に進むため
sign-in-button = ログイン
sign-in-other = はじめての方は
sign-in-other-link = アカウントを作成
sign-in-forgotten = パスワードをお忘れですか？
register-title = アカウントを作成
register-button = アカウントを作成
register-other = すでにアカウントをお持ちの方は
register-other-link = ログイン
register-closed = アカウントはこのサーバーの管理者が作成します。
register-invitation = 招待を受けた方は、招待に記載のリンクを開いてください。
invitation-text = { $site } に招待されています。
invitation-address = 招待はこのアドレス宛てです。
check-mail-title = メールをご確認ください
without-mail = このサーバーの管理者にお問い合わせください。
to-sign-in = ログインページへ
to-account = アカウントへ

recover-title = パスワードの再設定
recover-text = アカウントの確認済みメールアドレスにリンクを送ります。そのリンクから新しいパスワードを設定できます。
recover-button = リンクを送る
reset-title = 新しいパスワードを設定
reset-text = すべての端末からログアウトされます。
reset-button = パスワードを保存
confirm-title = メールアドレスの確認
confirm-text = このアドレスはあなたのもので、このアカウントで使いますか？
confirm-button = アドレスを確認する
confirm-not-you = 心当たりがない場合は、このページを閉じてください。何も行われません。
confirm-taken = このアドレスは別のアカウントで確認済みのため、そのまま残ります。そのアカウントもあなたのものなら、そちらにログインしてください。
link-recover = このリンクは数分以内に一度だけ使えます。もう一度送ることができます。
link-confirm = このリンクは期限内に一度だけ使えます。アドレスが確認済みかどうかはアカウントで分かり、そこからリンクをもう一度送れます。
link-invitation = 招待は期限内に一度だけ使えます。招待した方に、もう一度依頼してください。
link-setup = このリンクは 30 分以内に一度だけ使えます。このサーバーの管理者の方は、次のコマンドで新しいリンクを作成してください：tokenhouse admin setup-link
setup-title = サーバーの設定
setup-text = 最初の管理者のアカウントを作成します。その後、このリンクは使えなくなります。
setup-email-hint = パスワードを忘れたときやお知らせに使います。ログインにも使えます。
setup-button = 管理者を作成
setup-closed = 管理者はすでに作成されています。そのアカウントでログインしてください。
logout-title = ログアウト
logout-text = この端末からログアウトしますか？
logout-button = ログアウト
logout-stay = ログインしたままにする

consent-title = { $application } がアクセスを求めています
signed-in-as = { $username } としてログインしています。
consent-asked = 同意すると、{ $application } は次のことができます。
consent-granted = すでに許可されていること
consent-leads = このあと { $address } に移動します。
consent-policy = { $application } のプライバシーポリシー
consent-terms = { $application } の利用規約
consent-allow = 同意する
consent-deny = 拒否する
consent-note = 同意は、アカウントの「連携中のアプリ」からいつでも取り消せます。
consent-other = 別のアカウントを使う
scope-openid = ログイン時にあなたを識別する
scope-profile = 名前とプロフィールを見る
scope-email = メールアドレスを見る
scope-address = 住所を見る
scope-phone = 電話番号を見る
scope-groups = 所属グループを見る
scope-offline-access = あなたが利用していない間もこれらを行う
form-post-title = { $application } へ移動
form-post-text = 自動で移動しない場合は、ボタンを押してください。
form-post-button = 続ける
end-session-text = アプリから、ここでもログアウトするかの確認が求められています。
end-session-named = { $application } から、ここでもログアウトするかの確認が求められています。
signed-out-text = ここからログインしていたアプリに通知しています：
application-error-title = アプリに問題があります
application-error-help = あなたのアカウントに問題はありません。アプリの運営者にお問い合わせください。
application-unknown = 移動元のアプリは、このサーバーに登録されていません。
application-disabled = 移動元のアプリは無効になっています。
application-address = 登録されていないアドレスへの移動がアプリから求められたため、移動を中止しました。
application-request = アプリからのリクエストを読み取れません。
device-title = デバイスでログイン
device-button = 次へ
device-compare = デバイスにこのコードが表示されていますか。
device-since = リクエスト日時
device-agent = デバイス
device-warning = ご自身が目の前のデバイスで始めた場合にだけ進んでください。このコードやアドレスが誰かから送られてきた場合は拒否してください。その人があなたのアカウントにアクセスできるようになります。
application-expired = アプリからのリクエストは無効になりました。アプリに戻ってもう一度やり直してください。

account-title = アカウント
account-back = アカウントに戻る
profile-title = プロフィール
profile-since = 登録日
profile-no-email = なし
profile-confirmed = 確認済み
profile-unconfirmed = 未確認
profile-pending = 新しいメールアドレス
profile-follow = アドレスを確認するには、お送りしたメールのリンクを開いてください。
profile-administrator = 管理者
email-link = メールアドレスを変更
email-link-first = メールアドレスを追加
email-again = メールを再送する
email-withdraw = 新しいアドレスを取り消す
email-title = メールアドレス
email-now = 現在
email-new = 新しいメールアドレス
email-text = 新しいアドレスにリンクを送ります。リンクを開くと切り替わり、それまでは何も変わりません。
email-button = リンクを送る
password-title = パスワード
password-text = ほかでは使っていないパスワードが最も安全です。
password-link = パスワードを変更
password-page-title = パスワードを変更
password-others = ほかの端末はすべてログアウトされます。
password-button = パスワードを変更
sessions-title = 端末
sessions-text = ログイン中の端末を確認し、心当たりのないものをログアウトできます。
sessions-link = 端末を表示
sessions-current = この端末
sessions-unknown = 不明な端末
sessions-device = { $system } の { $program }
sessions-opened = ログイン日時
sessions-used = 最終利用
sessions-address = アドレス
sessions-end = ログアウト
sessions-end-others = ほかの端末をすべてログアウト
sessions-alone = ほかにログイン中の端末はありません。
sessions-more = さらに表示
applications-title = 連携中のアプリ
applications-text = このアカウントでログインしたアプリです。使わなくなったものは連携を解除してください。
applications-link = アプリを表示
applications-none = 連携中のアプリはありません。
applications-since = 連携日時
applications-used = 最終利用
applications-may = 許可されていること
applications-disconnect = 連携を解除
preferences-button = 適用
theme-auto = 端末に合わせる
theme-light = ライト
theme-dark = ダーク
data-title = あなたのデータ
data-text = 保存されているあなたの情報すべてを、プログラムで読めるファイルで受け取れます。
data-button = データをダウンロード
delete-title = アカウントを削除
delete-text = アカウントとその内容がすべて完全に消えます。
delete-link = アカウントを削除
delete-warning = この操作は取り消せません。プロフィール、データ、端末の情報はただちに削除されます。
delete-button = アカウントを完全に削除
delete-in-days = { $count ->
   *[other] アカウントは { $count } 日後に削除され、ただちにログアウトされます。それまではログインして残すことができますが、その後は完全に消えます。
}
delete-in-hours = { $count ->
   *[other] アカウントは { $count } 時間後に削除され、ただちにログアウトされます。それまではログインして残すことができますが、その後は完全に消えます。
}
leaving-title = このアカウントは削除されます
leaving-text = ご依頼により削除されます。それまでは取り消すことができます。
leaving-at = 削除日時
leaving-keep = アカウントを残す
cancel = キャンセル

# 完了したこと
said-welcome = ようこそ。アカウントの準備ができました。
said-password-changed = パスワードを変更しました。ほかの端末はすべてログアウトされました。
said-device-ended = 端末をログアウトしました。
said-others-ended = ほかの端末をすべてログアウトしました。
said-signed-out = ログアウトしました。
said-session-ended = セッションが終了しました。もう一度ログインしてください。
said-deleted = アカウントを削除しました。
said-deletion-scheduled = ログアウトしました。アカウントは後日削除されます。残すには、それまでにログインしてください。
said-kept = アカウントはそのまま残ります。
said-password-reset = 新しいパスワードを設定しました。それでログインしてください。
said-recovery-asked = その名前のアカウントに確認済みのメールアドレスがあれば、メールを送りました。届かない場合は、迷惑メールのフォルダーを確認するか、別の名前でお試しください。
said-confirmation-sent = リンクを記載したメールを送りました。リンクを開いてアドレスを確認してください。届かない場合は、迷惑メールのフォルダーをご覧ください。
said-email-confirmed = メールアドレスを確認しました。
said-email-withdrawn = 新しいアドレスを取り消しました。
said-set-up = サーバーの設定が完了し、あなたが管理者になりました。
said-sign-in-again = 続けるには、もう一度ログインしてください。
said-other-account = 使いたいアカウントでログインしてください。
said-application-disconnected = アプリの連携を解除しました。
said-device-allowed = 完了しました。デバイスで続けてください。
said-device-denied = 拒否しました。デバイスはアクセスできません。

# 途中の問題
form-again = このフォームは長く開かれていたか、別のウィンドウで開かれていました。もう一度送信してください。
form-cookie-lost = ブラウザーから Cookie が戻ってきませんでした。{ $host } の Cookie を許可して、もう一度お試しください。上のアドレスが https:// ではなく http:// で始まる場合は、ブラウザーが Cookie を破棄しています。https のアドレスをお使いください。
form-cross-site = このフォームは別のウェブサイトから送られたため、何も行いませんでした。
elsewhere-title = アドレスが違います
elsewhere-text = このサーバーは別のアドレス用に設定されています。ここではログインできません。
elsewhere-seen = アクセスしたアドレス
elsewhere-expected = 設定されたアドレス
elsewhere-link = 正しいアドレスへ移動
elsewhere-operator = このサーバーの管理者の方へ：PUBLIC_URL には、利用者が入力するアドレスを設定してください。
plain-title = この接続は保護されていません
plain-text = { $host } に http で接続しています。パスワードを盗み見られるおそれがあり、ログイン状態を保つ Cookie もブラウザーに破棄されます。
plain-link = https で試す
plain-operator = このサーバーの管理者の方へ：TLS に対応したプロキシを前に置き、PUBLIC_URL にその https のアドレスを設定し、TRUSTED_PROXIES に加えてください。1 台の中で使うだけなら、http://localhost はそのままで動きます。
error-back = 最初に戻る
error-request = リクエスト
error-retry = もう一度試す

# 問題
problem-access-denied = このページへのアクセス権がありません
problem-account-locked = このアカウントはロックされています
problem-bad-proxy-request = プロキシが何について尋ねているのか示していません
problem-conflict = アカウントがその間に変更されました。ログインしてもう一度お試しください
problem-database-unavailable = 現在データベースに接続できません
problem-deadline-exceeded = 処理に時間がかかりすぎました
problem-email-not-verified = メールアドレスがまだ確認されていません
problem-email-taken = このメールアドレスは使われています
problem-internal-error = サーバーで問題が起きました
problem-invalid-credentials = ユーザー名またはパスワードが違います
problem-invalid-request = リクエストが正しくありません
problem-invalid-token = セッショントークンが有効ではありません
problem-invitation-required = 登録には招待が必要です
problem-last-administrator = 最後の管理者は削除できません
problem-link-expired = このリンクは期限切れです
problem-link-unknown = このリンクは認識できません
problem-link-used = このリンクはすでに使われています
problem-mail-not-configured = このサーバーはメールを送信しません
problem-malformed = 内容を読み取れません
problem-method-not-allowed = このアドレスではそのメソッドを使えません
problem-missing-token = セッショントークンが必要です
problem-not-found = このアドレスには何もありません
problem-not-ready = このプロセスは起動中または停止中です
problem-nothing-to-confirm = 確認が必要なメールアドレスはありません
problem-overloaded = 現在ログインが混み合っています
problem-precondition-failed = 別の版が保存されています
problem-proxy-not-trusted = これを尋ねられるのは、このサーバーが信頼するプロキシだけです
problem-rate-limited = 試行回数が多すぎます
problem-registration-closed = 登録は受け付けていません
problem-session-not-found = そのセッションはありません
problem-setup-closed = このサーバーは設定済みです
problem-sign-in-needed = 先にログインしてください
problem-too-large = 内容が大きすぎます
problem-unknown-service = このサーバーはそのアドレスへのログインを扱っていません
problem-unsupported-media-type = この種類の内容には対応していません
problem-user-code-unknown = このコードは登録されていないか、無効になっています
problem-username-taken = このユーザー名は使われています
problem-wrong-password = パスワードが違います

# 送信箱（開発用）
outbox-title = メール
outbox-text = メールサーバーが設定されていないため、メールはここに残り、ここで読めます。このページはこのマシンからのみ見られます。
outbox-empty = まだメールはありません。
outbox-older = 以前のメール
outbox-back = すべてのメール
outbox-to = 宛先
outbox-at = 作成日時
outbox-html = HTML で表示

# メール
mail-confirm-subject = { $site } のメールアドレスを確認してください
mail-confirm-text = { $site } のアカウント用に、このメールアドレスが入力されました。ご本人のアドレスであることを確認してください。
mail-confirm-button = アドレスを確認
mail-confirm-note = お心当たりがない場合は、何もする必要はありません。
mail-recover-subject = { $site } の新しいパスワードを設定してください
mail-recover-text = どなたか（おそらくご本人）が、{ $site } のアカウントの新しいパスワードを求めました。
mail-recover-button = 新しいパスワードを設定
mail-recover-note = お心当たりがない場合は、何もする必要はありません。パスワードは変わりません。リンクはだれにも渡さないでください。
mail-password-changed-subject = { $site } のパスワードが変更されました
mail-password-changed-text = { $site } のアカウントのパスワードが変更されました。ほかの端末はすべてログアウトされました。
mail-password-changed-note = お心当たりがない場合は、すぐに新しいパスワードを設定してください。
mail-new-device-subject = { $site } のアカウントに新しいログインがありました
mail-new-device-text = これまでに使われたことのない端末で、正しいパスワードを使って { $site } のアカウントにログインがありました。
mail-new-device-note = ご本人であれば問題ありません。そうでなければ、すぐにパスワードを変更してください。ほかの端末はすべてログアウトされます。
mail-new-device-button = パスワードを変更
mail-address-changed-subject = { $site } のアカウントのメールアドレスが変更されました
mail-address-changed-text = { $site } のアカウントのメールアドレスが新しくなりました。
mail-address-changed-note = お心当たりがない場合は、ログインしてすぐにパスワードを変更してください。ログインできない場合は、{ $site } の運営者にお問い合わせください。
mail-address-changed-button = アカウントへ
mail-deletion-scheduled-subject = { $site } のアカウントはまもなく削除されます
mail-deletion-scheduled-text = ご依頼により、{ $site } のアカウントとその内容がすべて削除されます。すべての端末がログアウトされました。
mail-deletion-scheduled-note = それまでは取り消せます。ログインしてアカウントを残してください。ご依頼に心当たりがない場合は、パスワードも変更してください。
mail-deletion-scheduled-button = アカウントを残す
mail-account-deleted-subject = { $site } のアカウントを削除しました
mail-account-deleted-text = { $site } のアカウントとその内容をすべて削除しました。
mail-account-deleted-note = ご依頼に心当たりがない場合は、{ $site } の運営者にご連絡ください。
mail-invitation-subject = { $site } への招待
mail-invitation-text = { $site } のアカウントを作成するよう招待されました。
mail-invitation-button = アカウントを作成
mail-invitation-note = 希望されない場合は、何もする必要はありません。
mail-link-once = リンクは一度だけ、{ $time } 有効です。
mail-link-copy = ボタンが使えない場合は、このアドレスを開いてください。
mail-minutes = { $count ->
   *[other] { $count } 分間
}
mail-hours = { $count ->
   *[other] { $count } 時間
}
mail-days = { $count ->
   *[other] { $count } 日間
}
mail-fact-account = アカウント
mail-fact-email = 新しいアドレス
mail-fact-device = 端末
mail-fact-address = ネットワークアドレス
mail-fact-at = 日時
mail-fact-until = 削除予定
mail-foot = このメールは { $site } から自動で送信されました。返信は読まれません。
