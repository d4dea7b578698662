#include "daemon/background_work.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>

namespace postern::daemon {
namespace {

// What was done, in order; a test waits for as many words as it expects.
class Diary {
 public:
    void write(const std::string& word) {
        const std::lock_guard lock{mutex_};
        words_ += word + " ";
        ++count_;
        changed_.notify_all();
    }
    std::string read(int count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this, count] { return count_ >= count; });
        return words_;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string words_;
    int count_ = 0;
};

std::vector<BackgroundWork::Worker> two_workers(Diary& diary) {
    std::vector<BackgroundWork::Worker> workers;
    for (const char* name : {"a", "b"}) {
        workers.push_back(
            {.start = [&diary, name] { diary.write(std::string{"+"} + name); },
             .stop =
                 [&diary, name] {
                     diary.write(std::string{"-"} + name);
                 }}
        );
    }
    return workers;
}

TEST(BackgroundWork, RunsAndRestsAsOftenAsItIsTold) {
    Diary diary;
    BackgroundWork work{two_workers(diary)};
    work.run();
    EXPECT_EQ(diary.read(2), "+a +b ");
    work.rest();
    EXPECT_EQ(diary.read(4), "+a +b -b -a ");
    work.run();
    EXPECT_EQ(diary.read(6), "+a +b -b -a +a +b ");
}

TEST(BackgroundWork, RestsForGoodOnceItWasStopped) {
    Diary diary;
    BackgroundWork work{two_workers(diary)};
    work.run();
    diary.read(2);
    work.stop();
    EXPECT_EQ(diary.read(4), "+a +b -b -a ");
    work.run();
    work.stop();
    EXPECT_EQ(diary.read(4), "+a +b -b -a ");
}

TEST(BackgroundWork, WhoeverTellsItWaitsForNothing) {
    std::promise<void> may_end;
    auto ended = may_end.get_future().share();
    std::vector<BackgroundWork::Worker> workers;
    workers.push_back(
        {.start = [] {},
         .stop =
             [ended] {
                 ended.wait();
             }}
    );
    BackgroundWork work{std::move(workers)};
    work.run();
    work.rest();
    work.run();
    may_end.set_value();
}

}  // namespace
}  // namespace postern::daemon
