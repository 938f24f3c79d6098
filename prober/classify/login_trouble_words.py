"""The words with which sign-in pages say that not we have failed, but they or their form, by language: data.

For the patterns the same holds as for those of :mod:`prober.classify.login_words`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CSRF", "OOPS"]

OOPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            r"\boops\b|\bsomething (went wrong|unexpected happened)\b|\btemporarily unavailable\b",
            r"\bran into an (issue|error|problem)\b|\bissue while signing you in\b",
            r"\b(unexpected|internal( server)?|technical) (error|difficulties|problem)\b|\ban error (has )?occurred\b",
        ),
        "de": (r"\betwas ist schief ?gelaufen\b|\bfehler (ist )?aufgetreten\b|\bhoppla\b|\bunerwarteter fehler\b",),
        "fr": (r"\bune erreur\b.{0,30}\b(s'est produite|est survenue)|\berreur inattendue\b|\boups\b",),
        "es": (r"\balgo (salió|ha ido) mal\b|\b(producido|ocurrió|ocurrido) un error\b|\berror inesperado\b|\bups\b",),
        "pt": (r"\balgo deu errado\b|\bocorreu um erro\b|\berro inesperado\b|\bops\b",),
        "it": (r"\bqualcosa è andato storto\b|\bverificato un errore\b|\berrore (imprevisto|inaspettato)\b|\bops\b",),
        "nl": (r"\ber is iets (mis|fout) ?gegaan\b|\bfout opgetreden\b|\bonverwachte fout\b|\boeps\b",),
        "ru": (r"\bчто-то пошло не так\b|\bпроизошла (\w+ )?ошибка\b|\bнепредвиденная ошибка\b|\bупс\b",),
        "zh": (r"出错了|出錯了|出了点问题|发生错误|發生錯誤|发生了错误|系统错误|系統錯誤|服务器错误|未知错误",),
        "ja": (r"エラーが発生|問題が発生|予期しないエラー",),
        "ko": (r"(문제|오류)가 발생|예기치 않은 오류|알 수 없는 오류",),
        "ar": (r"حدث خطأ|حدثت مشكلة|خطأ غير متوقع",),
        "fa": (r"خطایی رخ داد|مشکلی (رخ داد|پیش آمد)|خطای غیرمنتظره",),
        "hi": (r"कुछ गलत हो गया|कुछ गड़बड़|त्रुटि हुई|त्रुटि हो गई",),
        "pl": (r"\bcoś poszło nie tak\b|\bwystąpił błąd\b|\bnieoczekiwany błąd\b",),
        "sv": (r"\bnågot gick fel\b|\bett fel (har inträffat|inträffade|uppstod)\b|\boväntat fel\b",),
        "tr": (r"\bbir şeyler ters gitti\b|\bbir hata (oluştu|meydana geldi)\b|\bbeklenmeyen bir (hata|sorun)\b",),
    }
)
"""The service itself failed, and apologises."""

CSRF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "any": (
            r"(?<![a-z])[cx]srf(?![a-z])|\bcross.?site request forgery\b",
            r"\bauthenticity.?token\b|\brequest ?verification ?token\b|\bfield did not match cookie\b",
        ),
        "en": (
            r"\b(page|form|session|token) (has )?expired\b|\bform invalid or expired\b",
            r"\bthe change you wanted was rejected\b",
            r"\b(invalid|missing)( or expired)? (form|security|anti-?forgery) token\b",
        ),
        "de": (r"\b(sitzung|formular|seite) (ist )?abgelaufen\b",),
        "fr": (r"\b(page|session|formulaire)( a)? expiré",),
        "es": (r"\b(página|sesión)( ha)? (expirado|caducado)\b",),
        "pt": (r"\b(página|sessão)( foi)? expir(ada|ou)\b",),
        "it": (r"\b(pagina|sessione)( è)? scaduta\b",),
        "nl": (r"\b(pagina|sessie)( is)? verlopen\b",),
        "ru": (r"\b(сессия|страница|сеанс) (истекла|устарела|истёк)",),
        "zh": (r"(页面|頁面|会话|會話)[^。]{0,4}(过期|過期|失效)",),
        "ja": (r"(セッション|ページ)[^。]{0,10}(期限切れ|有効期限)",),
        "ko": (r"(세션|페이지)[^.]{0,8}만료",),
        "ar": (r"انتهت (صلاحية )?(الجلسة|الصفحة)",),
        "fa": (r"(نشست|صفحه) منقضی",),
        "hi": (r"(सत्र|पृष्ठ)[^।]{0,15}समाप्त",),
        "pl": (r"\b(strona|sesja) wygasła\b",),
        "sv": (r"\bsession(en)? (löpte ut|har gått ut)\b",),
        "tr": (r"\b(oturum|sayfanın) süre(niz|si) (doldu|sona erdi)\b",),
    }
)
"""The form's token was refused; only believed with a status 400, 403 or 419."""
