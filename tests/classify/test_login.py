"""Why a sign-in failed: the order of the signs, and what each of them means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.classify import LoginEvidence, Verdict, login_verdict
from prober.model.details import DETAILS


def seen(role: str | None = "submit", status: int = 200, text: str = "", **signs: object) -> LoginEvidence:
    """Evidence after the form was sent, unless said otherwise."""
    return LoginEvidence(**{"role": role, "status": status, "text": text, "submitted": True, **signs})  # type: ignore[arg-type]  # a table's row


def summary(verdict: Verdict | None) -> str | None:
    """Class and detail."""
    if verdict is None:
        return None
    assert verdict.detail in DETAILS
    assert verdict.message.isprintable()
    assert len(verdict.message) <= 240
    return f"{verdict.error_class} {verdict.detail}"


BAD = "auth_rejected bad_credentials"
LOCKED = "auth_rejected locked_out"
WALL = "bot_challenge challenge"
RATE = "rate_limited rate_limit"
ERROR = "server_error sign_in_error"
CSRF = "unexpected_response csrf"
CONFIG = "request_rejected oauth_config"
NOBODY = "content_mismatch not_signed_in"
WRONG = "Invalid username or password."
CHALLENGED = {"cf-mitigated": "challenge"}

ROWS = {
    # walls and rates before anything else
    "challenge-header": (seen(status=403, headers=CHALLENGED, text=WRONG), WALL),
    "challenge-page": (seen(None, 403, body=b"<title>Just a moment...</title>", submitted=False), WALL),
    "429": (seen(status=429, text="Too many failed login attempts. Try again later."), RATE),
    "429-api": (seen(status=429, text='{"detail":"API rate limit exceeded"}'), RATE),
    # OAuth
    "invalid_grant": (seen(status=400, oauth_error="invalid_grant"), BAD),
    "access_denied": (seen(oauth_error="access_denied"), BAD),
    "invalid_client": (seen(status=401, oauth_error="invalid_client"), BAD),
    "server_error": (seen(oauth_error="server_error"), ERROR),
    "temporarily_unavailable": (seen(status=503, oauth_error="temporarily_unavailable"), ERROR),
    "invalid_request": (seen(status=400, oauth_error="invalid_request"), CONFIG),
    "unauthorized_client": (seen(status=400, oauth_error="unauthorized_client"), CONFIG),
    "invalid_scope": (seen(status=400, oauth_error="invalid_scope"), CONFIG),
    "unsupported_grant_type": (seen(status=400, oauth_error="unsupported_grant_type"), CONFIG),
    "authjs-csrf": (seen(oauth_error="MissingCSRF", has_password_field=True), CSRF),
    "authjs-credentials": (seen(oauth_error="CredentialsSignin", has_password_field=True), BAD),
    "not-oauth": (seen(status=200, oauth_error="Something else"), None),
    # words
    "csrf-403": (seen(status=403, text="CSRF verification failed. Request aborted."), CSRF),
    "csrf-403-jupyter": (seen(status=403, text="'_xsrf' argument missing from POST"), CSRF),
    "csrf-419": (seen(status=419, text="Page Expired"), CSRF),
    "csrf-400": (seen(status=400, text="The CSRF token is missing."), CSRF),
    "csrf-422-rails": (seen(status=422, text="Can't verify CSRF token authenticity."), CSRF),
    "csrf-words-with-200": (seen(text="Read about CSRF"), None),
    "lockout-beats-500": (seen(status=500, text="Your account has been locked"), LOCKED),
    "lockout": (seen(text="Too many failed login attempts. Try again later."), LOCKED),
    "5xx-at-submit": (seen(status=500), ERROR),
    "5xx-at-submit-beats-words": (seen(status=502, text=WRONG), ERROR),
    "5xx-on-the-way": (seen(None, 503, submitted=False), "server_error page_error"),
    "5xx-later": (seen(None, 500), None),
    "5xx-whoami": (seen("whoami", 500), None),
    "words": (seen(text=WRONG), BAD),
    "words-beat-captcha": (seen(text=WRONG, has_captcha=True), BAD),
    "words-400-json": (seen(status=400, text='{"detail":"The email or password provided is incorrect."}'), BAD),
    "words-400-code": (seen(status=400, text='{"error":{"message":"INVALID_PASSWORD"}}'), BAD),
    "words-404": (seen(status=404, text='{"message":"User not found"}'), BAD),
    "words-before-submit": (seen(None, text=WRONG, submitted=False), None),
    "words-at-whoami": (seen("whoami", text="Invalid login. Please try again."), BAD),
    # captcha
    "captcha": (seen(has_captcha=True, has_password_field=True), WALL),
    "captcha-on-the-way": (seen(None, has_captcha=True, submitted=False), WALL),
    # submit
    "401": (seen(status=401), BAD),
    "403": (seen(status=403), BAD),
    "oops": (seen(text="Oops! We ran into an issue while signing you in."), ERROR),
    "oops-beats-password-field": (seen(text="Something went wrong", has_password_field=True), ERROR),
    "password-again": (seen(has_password_field=True), BAD),
    "password-and-code": (seen(has_password_field=True, has_otp_field=True), BAD),
    "script-503-beats-password-field": (seen(has_password_field=True, script_status=503), ERROR),
    "words-beat-script-503": (seen(text=WRONG, has_password_field=True, script_status=503), BAD),
    "script-429": (seen(has_password_field=True, script_status=429), RATE),
    "script-401": (seen(has_password_field=True, script_status=401), BAD),
    "script-401-of-a-page-without-fields": (seen(script_status=401), BAD),
    "script-403-to-a-code": (seen(has_otp_field=True, totp_sent=True, script_status=403), "auth_rejected mfa_rejected"),
    "script-400": (seen(script_status=400), None),
    "mfa-required": (seen(has_otp_field=True), "auth_rejected mfa_required"),
    "mfa-rejected": (seen(has_otp_field=True, totp_sent=True), "auth_rejected mfa_rejected"),
    "mfa-rejected-words": (seen(text="Incorrect code.", totp_sent=True), "auth_rejected mfa_rejected"),
    "mfa-rejected-403": (seen(status=403, has_otp_field=True, totp_sent=True), "auth_rejected mfa_rejected"),
    "code-refused": (seen(status=401, totp_sent=True, only_code=True), "auth_rejected mfa_rejected"),
    "code-sends-back": (
        seen(has_password_field=True, totp_sent=True, only_code=True),
        "auth_rejected mfa_rejected",
    ),
    "mfa-required-auth0": (seen(status=403, oauth_error="mfa_required"), "auth_rejected mfa_required"),
    "code-words-without-code": (seen(text="Incorrect code."), None),
    "submit-unexplained": (seen(text="Welcome"), None),
    "edge-block": (
        seen(status=403, body=b"<title>Attention Required! | Cloudflare</title>", text="Sorry, you have been blocked"),
        "access_denied waf",
    ),
    "edge-limit": (seen(status=429, body=b"<h1>Error 1015</h1>"), "rate_limited edge_rule"),
    # who am I
    "whoami-401": (seen("whoami", 401), NOBODY),
    "whoami-403": (seen("whoami", 403), NOBODY),
    "whoami-form-again": (seen("whoami", has_password_field=True), NOBODY),
    "whoami-sent-back": (seen("whoami", sent_back=True), NOBODY),
    "whoami-other": (seen("whoami", text="{}"), None),
    "journey": (seen(None, text="Oops"), None),
}


@pytest.mark.parametrize(("evidence", "expected"), ROWS.values(), ids=ROWS)
def test_order(evidence: LoginEvidence, expected: str | None) -> None:
    """Each sign of the reference's 1.3, in its order."""
    assert summary(login_verdict(evidence)) == expected


# What Django 5.2, django-allauth 65, WordPress, JupyterHub, Open WebUI, Superset, Keycloak and others say.
CREDENTIALS = {
    "en-django": "Please enter a correct username and password. Note that both fields may be case-sensitive.",
    "en-allauth": "The email address and/or password you specified are not correct.",
    "en-wordpress": "Error: The password you entered for the username probe is incorrect.",
    "en-wordpress-user": "The username probe is not registered on this site.",
    "en-keycloak": "Invalid username or password.",
    "en-jupyter": "Invalid credentials",
    "en-superset": "Invalid login. Please try again.",
    "en-canaille": "Login failed, please check your information",
    "en-laravel": "These credentials do not match our records.",
    "en-typographic": "The password doesn’t match",
    "en-unknown": "Sorry, we don't recognize that email and password.",
    "en-google": "Couldn't find your account",
    "de-allauth": "Der Anmeldename und/oder das Passwort sind leider falsch.",
    "de-mail": "Die E-Mail-Adresse und/oder das Passwort sind leider falsch.",
    "de-short": "Falsches Passwort.",
    "fr": "L’adresse e-mail ou le mot de passe sont incorrects.",
    "fr-user": "Le pseudo et/ou le mot de passe sont incorrects.",
    "es": "La dirección de correo electrónico y/o la contraseña que ha indicado no son correctas.",
    "es-short": "Contraseña incorrecta.",
    "es-keycloak": "Nombre de usuario o contraseña inválidos.",
    "pt": "O endereço de e-mail e/ou senha especificados estão incorretos.",
    "pt-short": "Senha incorreta.",
    "it": "L'indirizzo email e/o la password che hai usato non sono corretti.",
    "it-short": "Password errata.",
    "nl": "Het door jou opgegeven e-mailadres en/of wachtwoord is niet correct.",
    "nl-user": "Je gebruikersnaam en/of wachtwoord zijn incorrect.",
    "nl-short": "Ongeldig wachtwoord.",
    "ru": "Указанные вами адрес электронной почты и/или пароль неверны.",
    "ru-short": "Неверный пароль.",
    "zh": "您提供的用户名或密码不正确。",
    "zh-mail": "您提供的电子邮件地址和/或密码不正确。",
    "zh-short": "无效密码。",
    "ja": "入力されたユーザー名もしくはパスワードが正しくありません。",
    "ja-short": "パスワードが正しくありません。",
    "ko": "아이디 또는 비밀번호가 올바르지 않습니다.",
    "ko-short": "올바르지 않은 비밀번호.",
    "ar": "اسم المستخدم و / أو كلمة المرور غير صحيحة.",
    "ar-short": "كلمة مرور خاطئة.",
    "fa": "نام‌کاربری یا گذرواژه وارد شده نادرست است.",
    "fa-short": "رمز عبور اشتباه است.",
    "hi": "गलत पासवर्ड।",
    "hi-long": "उपयोगकर्ता नाम या पासवर्ड गलत है।",
    "en-authjs": "Sign in failed. Check the details you provided are correct.",
    "en-flask-security": "Specified user does not exist",
    "en-simplejwt": "No active account found with the given credentials",
    "pl": "Podana nazwa użytkownika i/lub hasło są niepoprawne.",
    "pl-mail": "Podany adres e-mail i/lub hasło są niepoprawne.",
    "pl-keycloak": "Nieprawidłowa nazwa użytkownika lub hasło.",
    "pl-short": "Niewłaściwe hasło.",
    "pl-inactive": "Konto jest obecnie nieaktywne.",
    "sv": "Användarnamnet och/eller lösenordet är felaktigt.",
    "sv-mail": "Epost-adressen och/eller lösenordet är felaktigt.",
    "sv-keycloak": "Ogiltigt användarnamn eller lösenord.",
    "sv-short": "Felaktigt lösenord.",
    "sv-inactive": "Detta konto är inaktivt.",
    "tr": "Girdiğiniz kullanıcı adı ve/veya şifre doğru değil.",
    "tr-mail": "Girdiğiniz e-posta adresi ve/veya şifre doğru değil.",
    "tr-keycloak": "Geçersiz kullanıcı adı veya şifre.",
    "tr-short": "Hatalı şifre.",
    "tr-inactive": "Bu hesap şu anda etkin durumda değil.",
}

LOCKOUT = {
    "en": "Too many failed login attempts. Try again later.",
    "en-account": "Your account is temporarily locked.",
    "de": "Zu viele gescheiterte Anmeldeversuche. Bitte versuche es später erneut.",
    "fr": "Trop de tentatives de connexion échouées. Veuillez réessayer ultérieurement.",
    "fr-account": "Compte temporairement bloqué. Réessayez plus tard.",
    "es": "Demasiados intentos fallidos. Inténtelo más tarde.",
    "es-account": "Cuenta temporalmente deshabilitada.",
    "pt": "Muitas tentativas de login falharam. Tente novamente mais tarde.",
    "pt-account": "Sua conta está temporariamente bloqueada devido a muitas tentativas de login.",
    "it": "Troppi tentativi di accesso. Riprova più tardi.",
    "nl": "Te veel inlogpogingen. Probeer het later nogmaals.",
    "ru": "Слишком много неудачных попыток входа в систему. Повторите попытку позже.",
    "zh": "登录失败次数过多，请稍后重试。",
    "ja": "ログイン失敗が連続しています。時間が経ってからやり直してください。",
    "ko": "너무 많은 로그인 실패가 감지되었습니다. 잠시 후에 다시 시도하세요.",
    "ar": "تجاوزت الحد المسموح لمحاولة تسجيل الدخول. حاول في وقت لاحق.",
    "fa": "تعداد تلاش های ناموفق بیش از حد مجاز شده است. لطفا بعدا تلاش کنید.",
    "hi": "बहुत अधिक असफल प्रयास। बाद में पुनः प्रयास करें।",
    "pl": "Zbyt wiele nieudanych prób logowania. Spróbuj ponownie później.",
    "pl-devise": "Twoje konto zostało zablokowane.",
    "sv": "För många misslyckade inloggningsförsök. Försök igen senare.",
    "sv-devise": "Ditt konto är låst.",
    "tr": "Çok fazla hatalı giriş yapıldı. Lütfen daha sonra tekrar deneyin.",
    "tr-devise": "Hesabınız kilitlendi.",
}

CODES = {
    "en": "Incorrect code.",
    "en-long": "The one-time code is invalid",
    "de": "Falscher Code.",
    "fr": "Code incorrect.",
    "es": "Código incorrecto.",
    "pt": "Código incorreto.",
    "it": "Codice errato.",
    "nl": "Ongeldige code.",
    "ru": "Неверный код.",
    "zh": "验证码错误",
    "ja": "コードが正しくありません。",
    "ko": "올바르지 않은 코드.",
    "ar": "كود خاطئ.",
    "fa": "کد اشتباه است.",
    "hi": "गलत कोड।",
    "pl": "Błędny kod.",
    "pl-keycloak": "Nieprawidłowy kod uwierzytelnienia.",
    "sv": "Felaktig kod.",
    "sv-keycloak": "Autentiseringskoden är ogiltig.",
    "tr": "Hatalı kod.",
    "tr-keycloak": "Geçersiz kimlik doğrulama kodu.",
}

FORGED = {
    "en": "CSRF verification failed. Request aborted.",
    "de": "CSRF-Verifizierung fehlgeschlagen. Anfrage abgebrochen.",
    "fr": "La vérification CSRF a échoué. La requête a été interrompue.",
    "es": "La verificación CSRF ha fallado. Solicitud abortada.",
    "pt": "Verificação CSRF falhou. Pedido cancelado.",
    "it": "Verifica CSRF fallita. Richiesta interrotta.",
    "nl": "CSRF-verificatie mislukt. Aanvraag afgebroken.",
    "ru": "Ошибка проверки CSRF. Запрос отклонён.",
    "zh": "CSRF验证失败. 请求被中断.",
    "ja": "CSRF検証に失敗したため、リクエストは中断されました。",
    "ko": "CSRF 검증에 실패했습니다. 요청을 중단하였습니다.",
    "ar": "تم الفشل للتحقق من CSRF. تم إنهاء الطلب.",
    "fa": "\u200fCSRF تأیید نشد. درخواست لغو شد.",
    "hi": "CSRF सत्यापन असफल रहा. Request निरस्त की गई",
    "en-jupyterhub": "Login form invalid or expired. Try again.",
    "en-rails": "The change you wanted was rejected. Maybe you tried to change something you didn't have access to.",
    "en-datasette": "form-urlencoded POST field did not match cookie",
    "pl": "Weryfikacja CSRF nie powiodła się. Żądanie zostało przerwane.",
    "pl-keycloak": "Strona wygasła",
    "sv": "CSRF-verifikation misslyckades. Förfrågan avbröts.",
    "sv-devise": "Din session löpte ut.",
    "tr": "CSRF doğrulaması başarısız oldu. İstek iptal edildi.",
    "tr-keycloak": "Sayfanın Süresi Doldu",
}

APOLOGIES = {
    "en": "Oops! We ran into an issue while signing you in, please take a break and try again soon.",
    "en-plain": "Something went wrong.",
    "en-server": "Internal Server Error",
    "en-unexpected": "We're sorry, but something unexpected happened.",
    "en-unavailable": "Sign-in is temporarily unavailable.",
    "de": "Ein unerwarteter Fehler ist aufgetreten.",
    "fr": "Une erreur inattendue s'est produite.",
    "es": "Algo salió mal.",
    "pt": "Algo deu errado.",
    "it": "Si è verificato un errore.",
    "nl": "Er is iets misgegaan.",
    "ru": "Что-то пошло не так.",
    "zh": "发生错误，请稍后重试",
    "ja": "エラーが発生しました。",
    "ko": "오류가 발생했습니다.",
    "ar": "حدث خطأ ما.",
    "fa": "خطایی رخ داد.",
    "hi": "कुछ गलत हो गया।",
    "pl": "Coś poszło nie tak. Spróbuj ponownie za chwilę.",
    "pl-django": "Niestety wystąpił błąd.",
    "sv": "Något gick fel, var god försök igen",
    "sv-django": "Ett fel har inträffat.",
    "tr": "Üzgünüz, bir şeyler ters gitti.",
    "tr-django": "Bir hata oluştu.",
}


@pytest.mark.parametrize("text", CREDENTIALS.values(), ids=CREDENTIALS)
def test_words_for_bad_credentials(text: str) -> None:
    """What real pages say when the password is wrong, in each language."""
    assert summary(login_verdict(seen(text=f"Sign in {text} Forgot your password?"))) == BAD


@pytest.mark.parametrize("text", LOCKOUT.values(), ids=LOCKOUT)
def test_words_for_lockout(text: str) -> None:
    """What real pages say when they will not look at the password any more."""
    assert summary(login_verdict(seen(text=text, has_password_field=True))) == LOCKED


@pytest.mark.parametrize("text", CODES.values(), ids=CODES)
def test_words_for_a_bad_code(text: str) -> None:
    """What real pages say when the code is wrong, after one was sent."""
    assert summary(login_verdict(seen(text=text, totp_sent=True))) == "auth_rejected mfa_rejected"


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_words_for_a_refused_token(text: str) -> None:
    """What real pages say when the form's token is refused; with another status the words mean nothing."""
    assert summary(login_verdict(seen(status=403, text=text))) == CSRF
    assert summary(login_verdict(seen(status=200, text=text))) is None


@pytest.mark.parametrize("text", APOLOGIES.values(), ids=APOLOGIES)
def test_words_for_their_own_failure(text: str) -> None:
    """What real pages say when they could not sign anybody in, whatever the password was."""
    assert summary(login_verdict(seen(text=text, has_password_field=True))) == ERROR


SIGN_IN_PAGES = (
    "Sign in Username Password Forgot password? Remember me Create an account",
    "Anmelden Benutzername Passwort Passwort vergessen? Konto erstellen",
    "Connexion Nom d'utilisateur Mot de passe Mot de passe oublié ?",
    "Iniciar sesión Usuario Contraseña ¿Olvidó su contraseña?",
    "登录 用户名 密码 忘记密码？",
    "ログイン ユーザー名 パスワード パスワードをお忘れですか？",
    "로그인 아이디 비밀번호 비밀번호를 잊으셨나요?",
    "Войти Имя пользователя Пароль Забыли пароль?",
    "تسجيل الدخول اسم المستخدم كلمة المرور نسيت كلمة المرور؟",
    "Logowanie Nazwa użytkownika Hasło Nie pamiętasz hasła? Nowe hasło",
    "Logga in Användarnamn Lösenord Glömt ditt lösenord? Ditt konto har låsts upp.",
    "Giriş Yap Kullanıcı Adı Şifre Parolanızı mı unuttunuz?",
    "Welcome back, probe. Your last sign-in was yesterday.",
)


@pytest.mark.parametrize("text", SIGN_IN_PAGES)
def test_ordinary_words_mean_nothing(text: str) -> None:
    """The words of a form, or of a welcome, are no complaint."""
    assert login_verdict(seen(text=text)) is None


def test_only_the_beginning_of_a_page_is_read() -> None:
    """A page of any size costs the same."""
    assert login_verdict(seen(text="x " * 10_000 + WRONG)) is None
    assert summary(login_verdict(seen(text="x " * 9_900 + WRONG))) == BAD


def test_headers_are_found_whatever_their_letters_case() -> None:
    """Header names have no case."""
    evidence = replace(seen(), headers={"CF-Mitigated": "challenge"})
    assert summary(login_verdict(evidence)) == WALL
