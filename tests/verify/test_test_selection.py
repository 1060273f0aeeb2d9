import pytest

from codeorch.source import parse_file
from codeorch.verify.test_selection import closest_tests


def read(files):
    return {path: parse_file(path, text.encode()) for path, text in files.items()}


PYTHON = {
    "src/shop/cart.py": "def total(rows):\n    return sum(rows)\n\n\ndef count():\n    return 1\n",
    "src/shop/mail.py": "def send():\n    pass\n",
    "tests/test_cart.py": "from shop.cart import total\n\ndef test_it():\n    assert total([])\n",
    "tests/test_flow.py": "import shop\n\ndef test_it():\n    assert shop.all.total([]) == 0\n",
    "tests/test_mail.py": "from shop import mail\n\ndef test_send():\n    mail.send()\n",
    "tests/conftest.py": "from shop.cart import total\n",
}


def changed(path, old, new, files):
    return {path: files[path].replace(old, new).encode()}


def test_tests_that_import_the_changed_module_or_name_what_changed_come_first():
    edit = changed("src/shop/cart.py", "sum(rows)", "0", PYTHON)
    assert closest_tests(read(PYTHON), edit) == ("tests/test_cart.py", "tests/test_flow.py")


def test_a_name_whose_definition_stayed_as_it_was_draws_no_test():
    edit = changed("src/shop/cart.py", "return 1", "return 2", PYTHON)
    assert closest_tests(read(PYTHON), edit) == ("tests/test_cart.py",)


def test_a_module_imported_as_a_name_of_its_package_is_found():
    edit = changed("src/shop/mail.py", "pass", "...", PYTHON)
    assert closest_tests(read(PYTHON), edit) == ("tests/test_mail.py",)


def test_edited_and_new_test_files_belong_to_the_change_and_deleted_ones_do_not():
    edits = {"tests/test_cart.py": b"", "tests/test_new.py": b"", "tests/test_mail.py": None}
    assert closest_tests(read(PYTHON), edits) == ("tests/test_cart.py", "tests/test_new.py")


OTHERS = {
    "javascript": (
        {
            "src/cart.js": "export function total() {}\n",
            "src/mail/index.ts": "export function send() {}\n",
            "src/cart.test.js": "import { total } from './cart';\n",
            "test/mail.spec.ts": "import { send as s } from '../src/mail';\n",
        },
        {"src/cart.js": ("src/cart.test.js",), "src/mail/index.ts": ("test/mail.spec.ts",)},
    ),
    "go": (
        {
            "cart/cart.go": "package cart\n\nfunc Sum() int { return 1 }\n",
            "cart/cart_test.go": 'package cart\n\nimport "testing"\n',
            "shop/shop_test.go": 'package shop\n\nimport "example.org/m/cart"\n',
            "mail/mail_test.go": "package mail\n",
        },
        {"cart/cart.go": ("cart/cart_test.go", "shop/shop_test.go")},
    ),
    "java": (
        {
            "src/main/java/org/shop/Cart.java": "package org.shop;\n\nclass Cart { }\n",
            "src/test/java/org/shop/CartTest.java": (
                "package org.shop;\n\nclass CartTest { Object o = new Cart(); }\n"),
            "src/test/java/org/mail/MailTest.java": "package org.mail;\n\nclass MailTest { }\n",
        },
        {"src/main/java/org/shop/Cart.java": ("src/test/java/org/shop/CartTest.java",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_followed_in_their_own_way(language):
    files, wanted = OTHERS[language]
    for path, tests in wanted.items():
        assert closest_tests(read(files), {path: b"// nothing is left"}) == tests
