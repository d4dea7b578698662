#include "daemon/documents.hpp"

#include "net/spawn.hpp"

#include <gtest/gtest.h>

#include <latch>

namespace postern::daemon {
namespace {

using verifiers::Fetch;
using verifiers::FetchedDocument;

constexpr const char* kUrl = "https://example.com/certificate";

class DocumentsTest : public testing::Test {
 protected:
    void SetUp() override { runtime_.start(); }
    void TearDown() override { runtime_.stop(); }
    int status_of(const Fetch& fetch) {
        int status = -1;
        std::latch done{1};
        net::spawn(runtime_.thread(0), get_and_tell(fetch, status, done));
        done.wait();
        return status;
    }

    int asked_ = 0;

 private:
    net::Task<void> get_and_tell(const Fetch& fetch, int& status, std::latch& done) {
        auto getting = documents_.get(fetch, runtime_.thread(0));
        const auto document = co_await std::move(getting);
        status = document->status;
        done.count_down();
    }

    SystemClock clock_;
    net::Runtime runtime_{1};
    WorkerPool pool_{{.threads = 1}};

 protected:
    Documents documents_{pool_, clock_, [this](const Fetch&) {
                             asked_ += 1;
                             return FetchedDocument{404, ""};
                         }};
};

TEST_F(DocumentsTest, AreAskedForOnceWhileTheyAreKept) {
    const Fetch fetch{.url = kUrl, .keep = Fetch::Keep::until_not_after};
    EXPECT_EQ(status_of(fetch), 404);
    EXPECT_EQ(status_of(fetch), 404);
    EXPECT_EQ(asked_, 1);
}

TEST_F(DocumentsTest, AreNotAskedForAfterTheyWereGivenUp) {
    documents_.give_up();
    for (const auto keep : {Fetch::Keep::until_not_after, Fetch::Keep::never}) {
        EXPECT_EQ(status_of({.url = kUrl, .keep = keep}), 0);
    }
    EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace postern::daemon
