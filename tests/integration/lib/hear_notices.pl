# hear_notices.pl PATH: the service manager's end of NOTIFY_SOCKET. Prints one line a datagram, its
# assignments separated by tabs.
use strict;
use warnings;
use Socket;

my ($path) = @ARGV;
$| = 1;
socket(my $notices, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($notices, sockaddr_un($path)) or die "bind: $!";
print "bound\n";
my $message;
while (defined recv($notices, $message, 65536, 0)) {
    $message =~ s/\n/\t/g;
    print "$message\n";
}
