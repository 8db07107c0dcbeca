# 日本語

language-name = 日本語
direction = ltr

# 入力欄
field-login = ユーザー名またはメールアドレス
field-username = ユーザー名
field-username-hint = 文字、数字、. _ - + が使えます
field-email = メールアドレス
field-email-hint = 任意です。ログインにも使えます。
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
sign-in-button = ログイン
sign-in-other = はじめての方は
sign-in-other-link = アカウントを作成
register-title = アカウントを作成
register-button = アカウントを作成
register-other = すでにアカウントをお持ちの方は
register-other-link = ログイン
logout-title = ログアウト
logout-text = この端末からログアウトしますか？
logout-button = ログアウト
logout-stay = ログインしたままにする

account-title = アカウント
account-back = アカウントに戻る
profile-title = プロフィール
profile-since = 登録日
profile-no-email = なし
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
cancel = キャンセル

# 完了したこと
said-welcome = ようこそ。アカウントの準備ができました。
said-password-changed = パスワードを変更しました。ほかの端末はすべてログアウトされました。
said-device-ended = 端末をログアウトしました。
said-others-ended = ほかの端末をすべてログアウトしました。
said-signed-out = ログアウトしました。
said-session-ended = セッションが終了しました。もう一度ログインしてください。
said-deleted = アカウントを削除しました。

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
problem-account-locked = このアカウントはロックされています
problem-conflict = アカウントがその間に変更されました。ログインしてもう一度お試しください
problem-database-unavailable = 現在データベースに接続できません
problem-deadline-exceeded = 処理に時間がかかりすぎました
problem-email-taken = このメールアドレスは使われています
problem-internal-error = サーバーで問題が起きました
problem-invalid-credentials = ユーザー名またはパスワードが違います
problem-invalid-request = リクエストが正しくありません
problem-invalid-token = セッショントークンが有効ではありません
problem-malformed = 内容を読み取れません
problem-method-not-allowed = このアドレスではそのメソッドを使えません
problem-missing-token = セッショントークンが必要です
problem-not-found = このアドレスには何もありません
problem-not-ready = このプロセスは起動中または停止中です
problem-overloaded = 現在ログインが混み合っています
problem-precondition-failed = 別の版が保存されています
problem-rate-limited = 試行回数が多すぎます
problem-session-not-found = そのセッションはありません
problem-too-large = 内容が大きすぎます
problem-unsupported-media-type = この種類の内容には対応していません
problem-username-taken = このユーザー名は使われています
problem-wrong-password = パスワードが違います
