#include "daemon/header_text.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

HttpFields fields_of(std::initializer_list<HttpField> list) {
    HttpFields fields;
    for (const HttpField& field : list) fields.add(field);
    return fields;
}

struct Case {
    const char* name;
    HttpFields fields;
    const char* text;
    const char* json;
};

const Case kCases[] = {
    {"an empty message is an empty text", {}, "", "{}"},
    {"fields keep their order and spelling",
     fields_of({{"Stripe-Signature", "t=1,v1=ab"}, {"host", "example.com"}}),
     "Stripe-Signature: t=1,v1=ab\nhost: example.com\n",
     R"({"Stripe-Signature":"t=1,v1=ab","host":"example.com"})"},
    {"a repeated name becomes an array at its first place",
     fields_of({{"X-Id", "1"}, {"Host", "h"}, {"x-id", "2"}}),
     "X-Id: 1\nHost: h\nx-id: 2\n",
     R"({"X-Id":["1","2"],"Host":"h"})"},
    {"values that let somebody in are masked",
     fields_of(
         {{"AUTHORIZATION", "Basic c2VjcmV0"},
          {"Proxy-Authorization", "Bearer a"},
          {"cookie", "session=1"},
          {"X-API-Key", "k"}}
     ),
     "AUTHORIZATION: ***\nProxy-Authorization: ***\ncookie: ***\nX-API-Key: ***\n",
     R"({"AUTHORIZATION":"***","Proxy-Authorization":"***","cookie":"***","X-API-Key":"***"})"},
    {"an empty value stays empty",
     fields_of({{"X-Empty", ""}}),
     "X-Empty: \n",
     R"({"X-Empty":""})"},
    {"a value may hold a colon and a space",
     fields_of({{"Date", "Mon: a: b"}}),
     "Date: Mon: a: b\n",
     R"({"Date":"Mon: a: b"})"},
    {"a line break cannot forge a field",
     fields_of({{"X-A", "1\r\nX-B: 2"}}),
     "X-A: 1  X-B: 2\n",
     R"({"X-A":"1  X-B: 2"})"},
};

TEST(HeaderText, IsWrittenReadAndShown) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const std::string text = header_text(test_case.fields);
        EXPECT_EQ(text, test_case.text);
        const HttpFields again = parse_header_text(text);
        EXPECT_EQ(header_text(again), text);
        std::string json;
        JsonWriter writer{json};
        append_header_object(writer, again);
        EXPECT_EQ(json, test_case.json);
    }
}

TEST(HeaderText, SkipsWhatIsNoField) {
    EXPECT_EQ(parse_header_text("no separator\nA: 1").size(), 1u);
}

}  // namespace
}  // namespace postern::daemon
