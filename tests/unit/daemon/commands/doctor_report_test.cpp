#include "daemon/commands/doctor_report.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

Findings one(Severity severity) {
    return {{"disk", Severity::fine, "all is well"}, {"clock", severity, "late", "set it"}};
}

struct Case {
    Findings findings;
    int exit_code;
    const char* summary;
};

TEST(DoctorReport, EndsWithWhatIsToBeDone) {
    const Case cases[] = {
        {{}, 0, "Nothing has to be done.\n"},
        {one(Severity::fine), 0, "Nothing has to be done.\n"},
        {one(Severity::note), 0, "Nothing has to be done.\n"},
        {one(Severity::warning), 1, "\n1 warning.\n"},
        {one(Severity::error), 2, "\n1 error.\n"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.summary);
        EXPECT_EQ(exit_code_of(test_case.findings), test_case.exit_code);
        EXPECT_TRUE(report_text(test_case.findings).ends_with(test_case.summary));
    }
    Findings both = one(Severity::error);
    both.push_back({"a", Severity::warning, "b"});
    both.push_back({"a", Severity::warning, "b"});
    EXPECT_TRUE(report_text(both).ends_with("\n1 error, 2 warnings.\n"));
}

TEST(DoctorReport, AlignsStatesAndAdvice) {
    EXPECT_EQ(
        report_text(one(Severity::warning)),
        "fine     disk   all is well\n"
        "warning  clock  late\n"
        "                -> set it\n"
        "\n1 warning.\n"
    );
}

TEST(DoctorReport, ShowsNothingThatATerminalActsOn) {
    const std::string text = report_text(Findings{{"a", Severity::note, "\x1b[2J"}});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(DoctorReport, TellsProgramsTheSame) {
    EXPECT_EQ(
        report_json(one(Severity::error)),
        "{\"status\":\"error\",\"findings\":["
        "{\"subject\":\"disk\",\"severity\":\"fine\",\"state\":\"all is well\",\"advice\":null},"
        "{\"subject\":\"clock\",\"severity\":\"error\",\"state\":\"late\",\"advice\":\"set it\"}"
        "]}\n"
    );
}

}  // namespace
}  // namespace postern::daemon::commands
