"""What a visitor could get, by her own answers: no sign-in, nobody is asked, nothing is stored."""
