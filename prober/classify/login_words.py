"""The words with which sign-in pages refuse what was sent, by language: data.

Patterns meet text in small letters, on one line, with straight apostrophes and no zero-width joiners. Gaps are bounded,
so the time they take is bounded, too.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODE", "CREDENTIALS", "LOCKED"]

CREDENTIALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            (
                r"\b(incorrect|invalid|wrong|bad|unknown) "
                r"(user ?name|user|e-?mail|log-?in|password|passphrase|credentials?|account|sign-?in)\b"
            ),
            (
                r"\b(user ?name|e-?mail|log-?in|password|credentials?)\b.{0,60}\b(is|are|was|were) "
                r"(not (correct|valid|right|recogni[sz]ed|registered|found)|incorrect|invalid|wrong)\b"
            ),
            (
                r"\b(does not|doesn't|do not|don't|didn't) match\b.{0,20}\b(account|records?|password)\b|"
                r"\bpassword (does not|doesn't) match\b"
            ),
            r"\b(log[- ]?in|sign[- ]?in|authentication) (has |was )?(failed|unsuccessful|incorrect)\b",
            r"\b(could not|couldn't|can't|cannot|unable to) find (your|an|that|the) (\w+ )?account\b",
            r"\bno (active )?(account|user) (was )?found\b|\b(account|user|e-?mail)( was| is)? not found\b",
            r"\b(user|user ?name|e-?mail) (does not|doesn't) exist\b",
            r"\b(do not|don't|did not|didn't) recogni[sz]e (your|that|this|the) (\w+ )?(e-?mail|user ?name|password)\b",
            r"\bboth fields may be case-sensitive\b",
            r"\baccount is (inactive|disabled|deactivated)\b",
        ),
        "de": (
            (
                r"\b(benutzername|anmeldename|e-mail|e-mail-adresse|passwort|kennwort|zugangsdaten|anmeldedaten)\b.{0,60}"
                r"\b(falsch|ungültig|inkorrekt|nicht (korrekt|richtig)|stimmen nicht|unbekannt)\b"
            ),
            r"\b(falsche|ungültige)[rsn]? (benutzername|passwort|kennwort|anmeldedaten|zugangsdaten|e-mail)",
            r"\banmeldung (ist )?fehlgeschlagen\b",
        ),
        "fr": (
            (
                r"\b(identifiants?|nom d'utilisateur|pseudo|e-?mail|mot de passe)\b.{0,60}"
                r"\b(incorrecte?s?|invalides?|erronée?s?|ne correspond)"
            ),
            r"\bmauvaise? (mot de passe|identifiant)|\béchec de (la connexion|l'authentification)\b",
        ),
        "es": (
            (
                r"\b(usuario|correo|contraseña|clave|credenciales)\b.{0,70}"
                r"\b(incorrect[oa]s?|inválid[oa]s?|erróne[oa]s?|no (es|son) (correct|válid)|no coinciden)"
            ),
            r"\b(error|fallo) (al iniciar sesión|de inicio de sesión|de autenticación)\b",
        ),
        "pt": (
            (
                r"\b(usuário|utilizador|e-?mail|senha|palavra-passe|credenciais)\b.{0,60}"
                r"\b(incorret[oa]s?|inválid[oa]s?|errad[oa]s?|não (está|estão|são) corret|não conferem)"
            ),
            r"\bfalha (no login|ao entrar|na autenticação)\b",
        ),
        "it": (
            (
                r"\b(nome utente|username|utente|e-?mail|password|credenziali)\b.{0,60}"
                r"\b(errat[aoie]|sbagliat[aoie]|non (è |sono )?(corrett|valid)[aoie])\b"
            ),
            r"\baccesso (non riuscito|fallito)\b",
        ),
        "nl": (
            (
                r"\b(gebruikersnaam|e-?mail|e-?mailadres|wachtwoord|inloggegevens)\b.{0,60}"
                r"\b(onjuist|ongeldig|incorrect|verkeerd|niet (juist|correct|geldig)|kloppen niet|klopt niet)\b"
            ),
            r"\b(ongeldige?|onjuiste?|verkeerde?) (gebruikersnaam|wachtwoord|inloggegevens|e-?mail)",
            r"\binloggen (is )?mislukt\b",
        ),
        "ru": (
            (
                r"\b(логин|имя пользователя|электронной почты|e-?mail|пароль|уч[её]тные данные)\b.{0,60}"
                r"\b(неверн|неправильн|некорректн|недействительн)"
            ),
            r"\b(неверн|неправильн)\w{1,3} (логин|имя пользователя|пароль|e-?mail|уч[её]тные)",
            r"\bошибка (входа|авторизации|аутентификации)\b",
        ),
        "zh": (
            (
                r"(用户名|用戶名|账号|帳號|账户|帳戶|邮箱|电子邮件|密码|密碼)[^。!！]{0,20}"
                r"(错误|錯誤|不正确|不正確|无效|無效|有误|有誤|不匹配|不存在)"
            ),
            r"(错误|錯誤|无效|無效)的?(用户名|账号|帳號|密码|密碼)",
            r"(登录失败|登入失敗)(?!次)",
        ),
        "ja": (
            (
                r"(ユーザー名|ユーザ名|メールアドレス|ログインid|パスワード)[^。]{0,30}"
                r"(正しくありません|間違って|間違いが|無効です|一致しません|違います)"
            ),
            r"ログインに失敗",
        ),
        "ko": (
            (
                r"(아이디|이메일|사용자 ?이름|사용자명|비밀번호|로그인 정보)[^.]{0,30}"
                r"(올바르지 않|잘못|틀렸|틀립|일치하지 않|맞지 않)"
            ),
            r"(잘못된|올바르지 않은) (아이디|이메일|사용자|비밀번호)",
            r"로그인에 실패",
        ),
        "ar": (
            (
                r"(اسم المستخدم|البريد الإلكتروني|كلمة المرور|كلمة السر|بيانات (الدخول|الاعتماد))[^.]{0,50}"
                r"(غير صحيح|غير صالح|خاطئ|خطأ)"
            ),
            r"كلمة (مرور|سر) (خاطئة|غير صحيحة)",
            r"فشل تسجيل الدخول",
        ),
        "fa": (
            r"(نام ?کاربری|ایمیل|گذرواژه|رمز ?عبور|کلمه ?عبور)[^.]{0,50}(نادرست|اشتباه|نامعتبر|صحیح نیست|درست نیست)",
            r"ورود ناموفق",
        ),
        "hi": (
            r"(उपयोगकर्ता ?नाम|यूज़रनेम|ईमेल|पासवर्ड|कूटशब्द)[^।]{0,40}(गलत|ग़लत|अमान्य|सही नहीं)",
            r"(गलत|ग़लत|अमान्य) (उपयोगकर्ता ?नाम|यूज़रनेम|ईमेल|पासवर्ड|कूटशब्द)",
            r"लॉग ?इन (विफल|असफल)",
        ),
        "pl": (
            (
                r"\b(nazwa użytkownika|e-?mail|login|hasło|dane logowania)\b.{0,60}"
                r"\b(niepoprawn|nieprawidłow|niewłaściw|błędn)"
            ),
            (
                r"\b(niepoprawn|nieprawidłow|niewłaściw|błędn)\w{1,2} "
                r"(nazwa użytkownika|adres e-?mail|e-?mail|login|hasło)\b"
            ),
            r"\blogowanie nie powiodło się\b|\bkonto jest (obecnie )?(nieaktywne|wyłączone)\b",
        ),
        "sv": (
            r"\b(användarnamnet|lösenordet|e-?post\w*|epost-adressen)\b.{0,60}\b(är|var) (felaktig|ogiltig)",
            r"\b(felaktig|ogiltig)t? (användarnamn|lösenord|e-?post\w*|inloggn?ing)\b",
            r"\bkontot? är inaktiv(t|erat)\b",
        ),
        "tr": (
            r"\b(kullanıcı adı|e-?posta|e-?posta adresi|şifre|parola)\b.{0,60}\b(doğru değil|geçersiz|hatalı|yanlış)\b",
            r"\b(geçersiz|hatalı|yanlış) (kullanıcı adı|e-?posta|şifre|parola|giriş)\b",
            r"\bgiriş başarısız\b|\bhesap (şu anda )?(etkin (durumda )?değil|devre dışı)\b",
        ),
    }
)
"""The user or the password was refused."""

LOCKED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            r"\btoo many (\w+ ){0,3}(attempts|tries|requests)\b",
            r"\baccount (has been |is |was )?(temporarily |currently )?(locked|blocked|suspended)\b|\blocked out\b",
        ),
        "de": (r"\bzu viele\b.{0,40}versuche\b", r"\b(benutzer)?konto\b.{0,40}\b(gesperrt|blockiert)\b"),
        "fr": (r"\btrop de tentatives\b", r"\bcompte\b.{0,40}\b(bloqué|verrouillé|suspendu)"),
        "es": (r"\bdemasiados intentos\b", r"\bcuenta\b.{0,40}\b(bloqueada|suspendida|deshabilitada)\b"),
        "pt": (r"\b(muitas|demasiadas) tentativas\b", r"\bconta\b.{0,40}\b(bloqueada|suspensa|desabilitada)\b"),
        "it": (r"\btroppi tentativi\b", r"\baccount\b.{0,40}\b(bloccato|sospeso|disabilitato)\b"),
        "nl": (r"\bte veel (\w+ )?(inlog)?pogingen\b", r"\baccount\b.{0,40}\b(geblokkeerd|vergrendeld)\b"),
        "ru": (
            r"\bслишком много (\w+ ){0,3}попыток\b",
            r"\b(аккаунт|уч[её]тная запись)\b.{0,40}блокирован",
        ),
        "zh": (
            r"(登录|登入|尝试|嘗試|失败|失敗)[^。]{0,12}(过多|過多|太多)",
            r"(账号|账户|帐户|帳號|帳戶)[^。]{0,10}(锁定|鎖定|冻结|凍結|封禁)",
        ),
        "ja": (r"ログイン失敗が連続|試行回数[^。]{0,15}(上限|超え|多すぎ)", r"アカウント[^。]{0,12}(ロック|凍結|停止)"),
        "ko": (r"너무 많은 로그인|(로그인|시도)[^.]{0,20}(너무 많|초과)", r"계정[^.]{0,15}(잠겼|잠금|잠긴|차단|정지)"),
        "ar": (
            r"تجاوزت الحد المسموح|(عدد|الكثير من)[^.]{0,20}المحاولات|محاولات (\S+ )?كثيرة",
            r"(قفل|حظر|تعليق|إيقاف) (ال)?حساب",
        ),
        "fa": (r"تلاش ?های?[^.]{0,30}(بیش از حد|زیاد)", r"حساب[^.]{0,20}(قفل|مسدود)"),
        "hi": (r"बहुत (अधिक|ज़्यादा|सारे)[^।]{0,20}प्रयास", r"खाता[^।]{0,20}(लॉक|अवरुद्ध|निलंबित)"),
        "pl": (r"\bzbyt wiele\b.{0,30}\bprób\b", r"\bkonto zostało (\w+ )?zablokowane\b"),
        "sv": (
            r"\bför många\b.{0,40}försök\b",
            r"\bkontot? är (låst|tillfälligt inaktiverat)\b|\bkonto har låsts\b(?! upp)",
        ),
        "tr": (r"\bçok fazla\b.{0,30}\b(giriş|deneme)\b", r"\bhesabınız kilitlendi\b|\bhesabın kilitli\b"),
    }
)
"""The account is locked, or the address has tried too often."""

CODE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            r"\b(incorrect|invalid|wrong|expired) ([\w-]+ ){0,2}(code|otp|passcode)\b",
            (
                r"\b(code|otp|passcode)\b.{0,40}\b(is|was|has) "
                r"(incorrect|invalid|wrong|not valid|expired|already been used)\b"
            ),
        ),
        "de": (r"\bfalscher code\b|\bcode\b.{0,30}\b(falsch|ungültig|abgelaufen)\b",),
        "fr": (r"\bcode\b.{0,30}\b(incorrect|invalide|erroné|expiré)",),
        "es": (r"\bcódigo\b.{0,30}\b(incorrecto|inválido|no (es )?válido|caducado)\b",),
        "pt": (r"\bcódigo\b.{0,30}\b(incorreto|inválido|expirado)\b",),
        "it": (r"\bcodice\b.{0,30}\b(errato|non (è )?valido|scaduto)\b",),
        "nl": (r"\b(ongeldige|onjuiste|verkeerde) (\w+)?code\b",),
        "ru": (r"\b(неверный|неправильный) код\b|\bкод\b.{0,20}\b(неверен|недействителен|просрочен|истёк)",),
        "zh": (r"(验证码|驗證碼|动态码|動態碼)[^。]{0,10}(错误|錯誤|不正确|不正確|无效|無效|过期|過期)",),
        "ja": (r"(コード|認証番号)[^。]{0,12}(正しくありません|無効|間違って|期限)",),
        "ko": (
            r"(올바르지 않은|잘못된) (인증 ?)?(코드|인증 ?번호)",
            r"(코드|인증 ?번호)[^.]{0,12}(올바르지 않|잘못|일치하지 않|만료)",
        ),
        "ar": (r"(كود|رمز)[^.]{0,20}(خاطئ|غير صحيح|غير صالح)",),
        "fa": (r"\bکد[^.]{0,20}(اشتباه|نادرست|نامعتبر|منقضی)",),
        "hi": (r"(गलत|ग़लत|अमान्य) (\S+ )?(कोड|ओटीपी)|(कोड|ओटीपी)[^।]{0,20}(गलत|ग़लत|अमान्य|सही नहीं)",),
        "pl": (r"\b(błędny|nieprawidłowy) kod\b",),
        "sv": (r"\bfelaktig kod\b|koden är ogiltig\b",),
        "tr": (r"\b(hatalı|geçersiz) ([\w-]+ ){0,2}kodu?\b",),
    }
)
"""The one-time code was refused."""
