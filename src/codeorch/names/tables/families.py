"""The families of languages that have a table, and the members that any value may have."""

from typing import Final

from codeorch.names.tables.objects import CSHARP, JAVA, KOTLIN, SCALA
from codeorch.names.tables.scripts import BASH, PHP, RUBY
from codeorch.names.tables.systems import C_FAMILY, RUST
from codeorch.names.trees import words

LANGUAGES: Final = (RUST, C_FAMILY, JAVA, CSHARP, KOTLIN, SCALA, RUBY, PHP, BASH)
# Members that common values of these languages have, too.
STANDARD: Final = words(
    """add all any append apply as_ref at begin call clear clone close collect compareTo compare
    contains copy count default display drop each empty end entries equals eq filter find first
    flatMap flush fold foreach forEach format from get getClass hash hashCode head index insert into
    is_empty isEmpty iter join key keys last len length lines lock map max merge min name new next
    open parse peek pop print println push put read reduce remove replace reset reverse run select
    send set size sleep slice sort split start stop sub sum tail take to_s toString trim unwrap
    update value values wait write zip Add Clear Close Contains Count Dispose Equals Get GetHashCode
    GetType Length Name Remove Run Start Stop ToString Value"""
)
