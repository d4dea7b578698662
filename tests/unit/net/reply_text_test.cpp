#include "net/reply_text.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

struct Case {
    const char* name;
    HttpReply reply;
    ReplyForm form;
    const char* text;
};

TEST(ReplyText, WritesTheWholeAnswer) {
    const Case cases[] = {
        {"a body",
         {.status = 200, .content_type = "text/plain", .body = "hi"},
         {},
         "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"},
        {"a date",
         {.status = 200},
         {.date = "Sun, 06 Nov 1994 08:49:37 GMT"},
         "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"},
        {"a HEAD request learns the length only",
         {.status = 200, .body = "hello"},
         {.body = ReplyBody::leave_out},
         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
        {"204 has neither length nor body",
         {.status = 204, .content_type = "text/plain", .body = "x"},
         {},
         "HTTP/1.1 204 No Content\r\n\r\n"},
        {"the end of the connection is said",
         {.status = 400},
         {.after = AfterReply::close},
         "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.0 is told that it goes on",
         {.status = 200},
         {.after = AfterReply::keep_alive_said},
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
        {"fields of its own",
         {.status = 503, .fields = {{"Retry-After", "5"}}},
         {},
         "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n"},
        {"a status without a known phrase",
         {.status = 299},
         {},
         "HTTP/1.1 299 Status\r\nContent-Length: 0\r\n\r\n"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        std::string out = "before ";
        append_reply(out, test_case.reply, test_case.form);
        EXPECT_EQ(out, std::string{"before "} + test_case.text);
    }
}

TEST(HttpDate, IsAnImfFixdate) {
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(1'709'164'800), "Thu, 29 Feb 2024 00:00:00 GMT");
    EXPECT_EQ(http_date(253'402'300'799), "Fri, 31 Dec 9999 23:59:59 GMT");
}

}  // namespace
}  // namespace postern::net
