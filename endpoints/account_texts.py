"""What the pages behind links in letters say, by language."""

from typing import Any, Final

TEXTS: Final[dict[str, dict[str, Any]]] = {
    "en": {
        "register": (
            "Open your account",
            "Open it",
            "Your account is open, and its address is confirmed. Sign in with it.",
        ),
        "confirm": ("Confirm your e-mail address", "Confirm", "Your address is confirmed."),
        "reset": (
            "Choose a new password",
            "Set password",
            "Your new password is set. Sign in with it.",
        ),
        "forgot": (
            "Forgotten your password?",
            "Send a letter",
            "If there is an account with this address, a letter with a link is on its way to it.",
        ),
        "again": (
            "Get another letter to confirm your address",
            "Send a letter",
            "If an account with this address waits for it, a letter with a link is on its way.",
        ),
        "email": (
            "Use your new e-mail address",
            "Use it",
            "Your account has its new address. Sign in with it.",
        ),
        "undo": (
            "Take your e-mail address back",
            "Take it back",
            "Your account has its old address again. A letter with a link to a new password is on"
            " its way to it.",
        ),
        "sign_in": "Sign in to your account",
        "or_close": "Or close this page and go on in the shop’s app.",
        "wait": "You can close this page and go on with the link in the letter.",
        "password": "New password (at least 8 characters)",
        "chosen": "The password that you chose when you registered",
        "current": "The password of your account at this shop",
        "no_password": (
            "Your account has no password? Open the link of the letter in the app in which you are"
            " signed in."
        ),
        "email_address": "E-mail address",
        "problems": {
            "LinkInvalid": "This link is not good, or not any more. Ask for a new letter.",
            "LinkInvalid register": (
                "This link is not good, or not any more. If your account is open already, sign in;"
                " if not, register again in the shop’s app: that brings a new letter."
            ),
            "EmailTaken": "Somebody else uses this e-mail address by now.",
            "EmailTaken register": "There is an account with this address by now. Sign in to it.",
            "WrongPassword email": (
                "That is not the password of the account that asked for this address. If it was"
                " not you who asked, close this page: nothing changes."
            ),
            "WrongPassword register": (
                "That is not the password that was chosen at registration. If it was not you who"
                " registered, close this page: no account is opened."
            ),
            "InvalidInput forgot": "That is no e-mail address.",
            "InvalidInput again": "That is no e-mail address.",
            "InvalidInput": "A password has 8 to 256 characters and is not your e-mail address.",
            "PasswordTooWeak": "This password is easy to guess. A few unrelated words are better.",
            "Throttled": "Too many tries. Wait a while.",
            "Unavailable": "This does not work at the moment. Try again in a minute.",
        },
    },
    "zh-Hans": {
        "register": ("开通您的账户", "开通", "您的账户已开通，邮箱地址已确认，请用它登录。"),
        "confirm": ("确认您的邮箱地址", "确认", "您的邮箱地址已确认。"),
        "reset": ("设置新密码", "设置密码", "新密码已设置，请用它登录。"),
        "forgot": (
            "忘记密码？",
            "发送邮件",
            "如果此地址有账户，带有链接的邮件正在发送中。",
        ),
        "again": (
            "重新发送确认邮件",
            "发送邮件",
            "如果使用此地址的账户尚待确认，带有链接的邮件正在发送中。",
        ),
        "email": ("使用您的新邮箱地址", "使用", "您的账户已使用新地址，请用它登录。"),
        "undo": (
            "取回您的邮箱地址",
            "取回",
            "您的账户已恢复旧地址。设置新密码的链接已发送到该地址。",
        ),
        "sign_in": "登录您的账户",
        "or_close": "或者关闭此页面，回到商城应用中继续。",
        "wait": "您可以关闭此页面，收到邮件后打开其中的链接继续。",
        "password": "新密码（至少 8 个字符）",
        "chosen": "您注册时设置的密码",
        "current": "您在本商城的账户密码",
        "no_password": "您的账户没有密码？请在您已登录的应用中打开邮件里的链接。",
        "email_address": "邮箱地址",
        "problems": {
            "LinkInvalid": "此链接无效或已失效，请重新申请邮件。",
            "LinkInvalid register": (
                "此链接无效或已失效。如果您的账户已开通，请登录；否则请在商城应用中重新注册，"
                "新的邮件会随即发送。"
            ),
            "EmailTaken": "此邮箱地址现已被他人使用。",
            "EmailTaken register": "此地址现已有账户，请登录。",
            "WrongPassword email": (
                "这不是申请使用此地址的账户的密码。如果不是您本人申请的，请关闭此页面：不会有任何更改。"
            ),
            "WrongPassword register": (
                "这不是注册时设置的密码。如果不是您本人注册的，请关闭此页面：账户不会开通。"
            ),
            "InvalidInput forgot": "这不是邮箱地址。",
            "InvalidInput again": "这不是邮箱地址。",
            "InvalidInput": "密码须为 8 至 256 个字符，且不能是您的邮箱地址。",
            "PasswordTooWeak": "此密码容易被猜到。几个互不相关的词会更好。",
            "Throttled": "尝试次数过多，请稍候。",
            "Unavailable": "暂时无法完成，请一分钟后重试。",
        },
    },
}
