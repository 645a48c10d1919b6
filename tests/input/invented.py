"""Invented messages in ten languages, with the awkward parts that real ones have."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

# Openings, subjects and endings of each class; a message is one of each.
LANGUAGES: dict[str, dict[str, tuple[Sequence[str], Sequence[str], Sequence[str]]]] = {
    "English": {
        "billing": (["I was charged", "Why do you charge me", "My card was debited"],
                    ["twice for the lamp", "for a book I gave back", "the wrong amount"],
                    ["please check", "this is the second month", "and nobody answers"]),
        "delivery": (["The parcel", "Our order of May", "The box with the tent"],
                     ["never came", "was left in the rain", "is late again"],
                     ["where is it", "the neighbor has not seen it", "send another one"]),
        "account": (["I can't log in", "My password fails", "The code does not arrive"],
                    ["since the update", "on my phone", "although it was right"],
                    ["help me", "delete my profile", "what shall I do"]),
    },
    "German": {
        "Rechnung": (["Mir wurde", "Auf der Rechnung wurde"], ["der Stuhl doppelt berechnet", "zu viel abgebucht"],
                     ["bitte prüfen", "das ist schon öfter passiert"]),
        "Lieferung": (["Das Paket", "Die bestellte Küche"], ["ist nicht angekommen", "lag im Regen vor der Tür"],
                      ["wo bleibt es", "ich möchte Ersatz"]),
        "Rückgabe": (["Wie schicke ich", "Darf ich"], ["die Größe 42 zurück", "den Mantel umtauschen"],
                     ["ohne Kassenzettel", "nach vier Wochen"]),
    },
    "French": {
        "facture": (["On m'a prélevé", "La facture indique"], ["deux fois le même achat", "un montant erroné"],
                    ["merci de vérifier", "c'est déjà arrivé"]),
        "livraison": (["Le colis", "La commande d'été"], ["n'est jamais arrivé", "a été laissée sous la pluie"],
                      ["où est-il", "j'attends depuis mardi"]),
        "compte": (["Je n'arrive pas à", "Impossible de"], ["me connecter", "changer l'adresse"],
                   ["depuis la mise à jour", "aidez-moi"]),
    },
    "Portuguese": {
        "cobrança": (["Fui cobrado", "Minha fatura veio"], ["duas vezes", "com valor errado"],
                     ["favor verificar", "não é a primeira vez"]),
        "entrega": (["O pacote", "Minha encomenda"], ["não chegou", "veio amassada"], ["onde está", "quero outro"]),
        "devolução": (["Quero devolver", "Como faço para trocar"], ["o sapato", "a televisão"],
                      ["não serviu", "está com defeito"]),
    },
    "Polish": {
        "płatność": (["Pobrano mi", "Na fakturze jest"], ["dwa razy tę samą kwotę", "za dużo"],
                     ["proszę sprawdzić", "to już trzeci raz"]),
        "dostawa": (["Paczka", "Moje zamówienie"], ["nie dotarła", "leży na deszczu"],
                    ["gdzie jest", "czekam od środy"]),
    },
    "Russian": {
        "оплата": (["С карты списали", "В счёте указали"], ["деньги дважды", "неверную сумму"],
                   ["проверьте пожалуйста", "это не первый раз"]),
        "доставка": (["Посылка", "Мой заказ"], ["так и не приехал", "лежит под дождём"],
                     ["где она", "жду со вторника"]),
        "возврат": (["Хочу вернуть", "Как обменять"], ["куртку", "чайник"], ["не подошёл размер", "он сломан"]),
    },
    "Chinese": {
        "退款": (["我要申请", "请问什么时候能", "为什么还没有"], ["退款到银行卡", "退回多扣的钱", "把这笔钱退给我"],
               ["已经等了一周", "客服一直不回复", "请尽快处理"]),
        "物流": (["我的快递", "昨天买的书包", "这个包裹"], ["还没有发货", "显示签收但没收到", "被雨淋湿了"],
               ["到底在哪里", "请帮忙查一下", "麻烦重新寄一个"]),
        "账户": (["我的账号", "手机验证码", "登录密码"], ["一直登录不上", "收不到", "总是提示错误"],
               ["怎么办", "急用", "请帮我注销"]),
    },
    "Traditional Chinese": {
        "退貨": (["我想辦理", "請問如何"], ["退貨與退款", "更換這件商品"], ["商品有瑕疵", "已經等了三天"]),
        "物流": (["我的包裹", "請問訂單"], ["還沒有送到", "為什麼沒有出貨"], ["麻煩幫我查詢", "謝謝"]),
    },
    "Japanese": {
        "返品": (["この商品を", "昨日届いた靴を"], ["返品したいです", "交換してください"],
               ["サイズが合いません", "壊れていました"]),
        "配送": (["荷物が", "注文した本が"], ["まだ届きません", "濡れていました"],
               ["いつ届きますか", "確認をお願いします"]),
        "会員": (["ログインが", "パスワードが"], ["できません", "わかりません"],
               ["助けてください", "どうすればいいですか"]),
    },
    "Korean": {
        "환불": (["이 상품을", "어제 받은 신발을"], ["환불하고 싶어요", "교환해 주세요"],
               ["사이즈가 안 맞아요", "고장났어요"]),
        "배송": (["택배가", "주문한 책이"], ["아직 안 왔어요", "비에 젖었어요"], ["언제 오나요", "확인 부탁드립니다"]),
    },
    "Arabic": {
        "دفع": (["تم خصم", "الفاتورة فيها"], ["المبلغ مرتين", "خطأ كبير"], ["أرجو التحقق", "هذه ليست المرة الأولى"]),
        "توصيل": (["الطرد", "طلبي"], ["لم يصل", "وصل مبللا"], ["أين هو", "أريد بديلا"]),
    },
}  # fmt: skip
ENCODINGS: dict[str, Sequence[str]] = {  # that are not found by themselves, and hold the language
    "English": ("cp1252",), "German": ("cp1252", "latin-1", "cp850"), "French": ("cp1252", "latin-1", "mac_roman"),
    "Portuguese": ("cp1252", "latin-1"), "Polish": ("cp1250", "iso8859-2"), "Russian": ("cp1251", "koi8-r", "cp866"),
    "Traditional Chinese": ("big5",), "Japanese": ("cp932", "euc_jp"), "Korean": ("cp949",), "Arabic": ("cp1256",),
}  # fmt: skip
AWKWARD = (
    '"', '""', '"so"', "'", "it's", ",", ";", "|", "\t", "\n", "\r\n", "\\", "\\n", '\\"', "😀", "👩‍💻", "100", "3,50",
    "https://a.example/x?y=1&z=2", "#1", "=1+1", "@me", "<b>bold</b>", '{"a": 1}', "[x]", "null", "5\" screen", "«ok»",
    "“quoted”", "1;2", "a|b", "-", "!", "\u3000", "\u200b", "é", "…", "%", "\n\n", " ",
)  # fmt: skip


def message(random: Random, language: str, label: str) -> str:
    """One message of a class."""
    opening, subject, ending = LANGUAGES[language][label]
    space = "" if language in ("Chinese", "Traditional Chinese", "Japanese") else " "
    comma = "，" if space == "" else ", "
    text = random.choice(opening) + space + random.choice(subject) + comma + random.choice(ending)
    return text + random.choice(["", ".", "!", " ?", f" ({random.randrange(1000)})", f" nr. {random.randrange(10**6)}"])


def awkward(random: Random, text: str, parts: Sequence[str]) -> str:
    """The text with one of the parts at its beginning, in it or at its end."""
    at = random.choice([0, len(text), random.randrange(len(text) + 1)])
    return text[:at] + random.choice(parts) + text[at:]


def messages(language: str, count: int, seed: int = 0, every: int = 1) -> list[tuple[str, str | None]]:
    """Distinct messages with their classes in turn, of which those after `count / every` have no label."""
    random = Random(f"{language} {count} {seed}")
    labels = list(LANGUAGES[language])
    found: dict[str, str] = {}
    for number in range(count):
        label = labels[number % len(labels)]
        text = f"{message(random, language, label)} {number + 1}"
        found[text] = label
    return [(text, label if number < count // every else None) for number, (text, label) in enumerate(found.items())]
