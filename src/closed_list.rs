//! Enumerations whose members have names that never change and a sentence each.

/// Declares an enumeration of which every member has its documentation as a sentence, and a name.
///
/// It gets `ALL`, in the order of the declaration, `description()` and `as_str()`.
macro_rules! closed_list {
    ($(#[$of_list:meta])* pub enum $list:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$of_list])*
        pub enum $list {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $list {
            /// Every one, in the order of its page.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Says in a sentence what it reports.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc,)+).trim_start(),)+
                }
            }

            /// Returns the name as it is written in reports.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

pub(crate) use closed_list;
