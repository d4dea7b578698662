#include "storage/postgres/connection_words.hpp"

#include <gtest/gtest.h>

namespace postern::storage {
namespace {

struct Good {
    const char* name;
    const char* text;
    const char* target;
};
constexpr Good kGood[] = {
    {"a URL", "postgres://u:secret@db1:5433/shop", "database shop at db1 port 5433"},
    {"several hosts",
     "postgresql://u@db1:1,db2:2/shop?target_session_attrs=any",
     "database shop at db1,db2 port 1,2"},
    {"words", "host=db1 dbname=shop", "database shop at db1"},
    {"a local socket", "dbname=shop", "database shop at the local socket"},
};

TEST(ConnectionWords, AreReadFromUrlsAndWords) {
    for (const Good& test_case : kGood) {
        SCOPED_TRACE(test_case.name);
        const auto words = read_connection_text(test_case.text);
        ASSERT_TRUE(words.has_value()) << words.error().message;
        EXPECT_EQ(describe_target(*words), test_case.target);
    }
}

constexpr const char* kBad[] = {
    "postgres://u:sec%zzret@db1/shop",
    "postgres://u:p@db1/shop?secret=1",
    "password=secret host",
    "host='db1 password=secret",
    "postgres://u:Ab/sec@db1/shop",
    "postgres://u:a#b@sec@db1",
    "postgres://u:12/sec@db1/shop",
};

TEST(ConnectionWords, AreRefusedWithoutQuotingThePassword) {
    for (const char* text : kBad) {
        SCOPED_TRACE(text);
        const auto words = read_connection_text(text);
        ASSERT_FALSE(words.has_value());
        EXPECT_EQ(words.error().message.find("sec"), std::string::npos) << words.error().message;
        EXPECT_NE(words.error().message.find("storage.url"), std::string::npos);
    }
}

TEST(ConnectionWords, KeepWhatWasGiven) {
    ConnectionWords words = {{"target_session_attrs", "any"}};
    add_unless_given(words, {"target_session_attrs", "read-write"});
    add_unless_given(words, {"connect_timeout", "3"});
    const ConnectionWords expected = {{"target_session_attrs", "any"}, {"connect_timeout", "3"}};
    EXPECT_EQ(words, expected);
}

TEST(ConnectionWords, HideThePasswordInWhatTheServerSays) {
    const ConnectionWords words = {{"password", "secret"}};
    EXPECT_EQ(without_password("no secret\nfor you\n", words), "no … for you");
}

}  // namespace
}  // namespace postern::storage
