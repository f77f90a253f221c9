"""What the pages behind links in letters say, by language."""

from typing import Any, Final

TEXTS: Final[dict[str, dict[str, Any]]] = {
    "en": {
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
        "email_address": "E-mail address",
        "problems": {
            "LinkInvalid": "This link is not good, or not any more. Ask for a new letter.",
            "EmailTaken": "Somebody else uses this e-mail address by now.",
            "InvalidInput email": "That is no e-mail address.",
            "InvalidInput": "A password has 8 to 256 characters and is not your e-mail address.",
            "PasswordTooWeak": "This password is easy to guess. A few unrelated words are better.",
            "Throttled": "Too many tries. Wait a while.",
            "Unavailable": "This does not work at the moment. Try again in a minute.",
        },
    },
    "zh-Hans": {
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
        "email_address": "邮箱地址",
        "problems": {
            "LinkInvalid": "此链接无效或已失效，请重新申请邮件。",
            "EmailTaken": "此邮箱地址现已被他人使用。",
            "InvalidInput email": "这不是邮箱地址。",
            "InvalidInput": "密码须为 8 至 256 个字符，且不能是您的邮箱地址。",
            "PasswordTooWeak": "此密码容易被猜到。几个互不相关的词会更好。",
            "Throttled": "尝试次数过多，请稍候。",
            "Unavailable": "暂时无法完成，请一分钟后重试。",
        },
    },
}
